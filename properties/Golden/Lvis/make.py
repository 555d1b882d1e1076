"""Made-up LVIS truth and results, and the numbers of lvis-api of them. lvis.vis draws pictures and is not needed."""
import types
import json, os, random, sys


vis=types.ModuleType('lvis.vis'); vis.LVISVis=None; sys.modules['lvis.vis']=vis
import numpy as np
if not hasattr(np,'float'): np.float=float
from lvis import LVIS, LVISResults, LVISEval
import pycocotools.mask as mu
def rle(m):
    r=mu.encode(np.asfortranarray(m)); r['counts']=r['counts'].decode(); return r
def make(seed, images, cats, most, per, folder, kind):
    R=random.Random(seed); W,H=(160,120) if kind=='segm' else (640,480)
    cs=[{'id':c+1,'name':f'c{c}','synset':f'c{c}.n.01','frequency':'rcf'[R.randrange(3)]} for c in range(cats)]
    ims=[];an=[];dt=[]
    def box(): 
        big=R.choice([0.1,0.3,0.9]); w=max(2,R.random()*W*big); h=max(2,R.random()*H*big); x=R.random()*(W-w); y=R.random()*(H-h)
        return [round(x,2),round(y,2),round(w,2),round(h,2)]
    def jit(b): return [round(b[0]+R.gauss(0,b[2]*.07),2),round(b[1]+R.gauss(0,b[3]*.07),2),round(b[2]*(1+R.gauss(0,.08)),2),round(b[3]*(1+R.gauss(0,.08)),2)]
    def mask(b):
        m=np.zeros((H,W),np.uint8); x,y,w,h=b; x0=max(0,int(x)); y0=max(0,int(y)); m[y0:max(y0+1,min(H,int(y+h))), x0:max(x0+1,min(W,int(x+w)))]=1
        for _ in range(8):
            i,j=R.randrange(H),R.randrange(W); m[i,j]^=1
        return m
    for i in range(images):
        pos=R.sample(range(1,cats+1),R.randrange(0,min(5,cats)))
        rest=[c for c in range(1,cats+1) if c not in pos]
        neg=R.sample(rest,R.randrange(0,min(4,len(rest)+1)))
        ne=[c for c in pos if R.random()<.3]+([rest[0]] if rest and R.random()<.1 else [])
        ims.append({'id':1000-i*3,'width':W,'height':H,'neg_category_ids':neg,'not_exhaustive_category_ids':ne,'coco_url':'http://x'})
        for c in pos:
            for _ in range(R.randrange(1,4)):
                b=box(); a={'id':len(an)+1,'image_id':ims[-1]['id'],'category_id':c,'bbox':b,'area':round(b[2]*b[3]*R.choice([1,1,.6]),2),'segmentation':[[b[0],b[1],b[0],b[1]+b[3],b[0]+b[2],b[1]+b[3],b[0]+b[2],b[1]]]}
                if kind=='segm':
                    m=mask(b); a['segmentation']=rle(m); a['area']=int(m.sum())
                if R.random()<.08: a['ignore']=1
                an.append(a)
                for _ in range(R.choice([0,1,1,2])):
                    j=jit(b) if R.random()<.8 else b
                    d={'image_id':ims[-1]['id'],'category_id':c if R.random()<.85 else R.randrange(1,cats+1),'score':round(R.random(),2)}
                    d['bbox' if kind=='bbox' else 'segmentation']= j if kind=='bbox' else rle(mask(j)); dt.append(d)
        for _ in range(R.randrange(per)):
            d={'image_id':ims[-1]['id'],'category_id':R.randrange(1,cats+1),'score':round(R.random()*.7,2)}
            j=box(); d['bbox' if kind=='bbox' else 'segmentation']= j if kind=='bbox' else rle(mask(j)); dt.append(d)
    R.shuffle(dt)
    gt={'images':ims,'annotations':an,'categories':cs,'info':{},'licenses':[]}
    json.dump(gt,open(f'{folder}/gt.json','w')); json.dump(dt,open(f'{folder}/dt.json','w'))
    G=LVIS(f'{folder}/gt.json'); D=LVISResults(G,f'{folder}/dt.json',max_dets=most)
    E=LVISEval(G,D,kind); E.params.max_dets=most; E.run()
    out={k:float(v) for k,v in E.get_results().items()}
    json.dump({'type':kind,'maxDets':most,'results':out},open(f'{folder}/lvis.json','w'),indent=1)
    return out,len(an),len(dt)
if __name__=='__main__':
    root=sys.argv[1]
    for n,(seed,images,cats,most,per,kind) in enumerate([(1,40,12,300,30,'bbox'),(2,25,8,300,400,'bbox'),(3,20,6,20,60,'bbox'),(4,20,8,300,12,'segm'),(5,3,3,300,4,'bbox'),(6,60,30,300,20,'bbox')]):
        f=f'{root}/{n}-{kind}'; os.makedirs(f,exist_ok=True); o,a,d=make(seed,images,cats,most,per,f,kind); print(f,a,d,{k:round(v,4) for k,v in o.items()})
