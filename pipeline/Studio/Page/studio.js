'use strict';

// The page of motion studio. What was drawn is kept by the server with every change; this page holds the way back (undo) and what is chosen.

const $ = id => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const svg = (name, attributes = {}, children = []) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const el = (name, properties = {}, children = []) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

let project = null;   // what the server said at first
let boxes = [];       // by video: its objects
let version = 0;      // of the boxes that the server has
let video = 0;
let frame = 0;
let chosen = null;    // id of an object
let masks = [];       // of the frame shown
let doubts = { worst: [], least: [], labelled: {} };
let labelNumber = -1; // of the labelling whose masks are known
let playing = null;
let lastClass = 'object';
const undone = { back: [], forth: [] };

const here = () => project.videos[video];
const objects = () => boxes[video];
const find = id => objects().find(one => one.id === id);
const colour = id => project.colours[(id - 1) % project.colours.length];
const keyAt = (one, at) => one.keys.find(key => key.frame === at);

// ---- the server

async function ask(method, path, body) {
  const answer = await fetch(path, { method, headers: body === undefined ? {} : { 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!answer.ok) throw Object.assign(new Error(await answer.text()), { status: answer.status });
  return answer.json();
}

let toastTimer = 0;
function tell(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').hidden = true; }, 7000);
}

const said = error => error instanceof TypeError ? 'The studio does not answer: is motion studio still running? What was kept is safe.' : error.message;

// Changes go one after another; the last state of a video is what counts.
let saving = Promise.resolve();
const unsaved = new Set();
function save(of) {
  unsaved.add(of);
  $('saved').className = 'saved busy';
  $('saved').textContent = 'Saving';
  saving = saving.then(async () => {
    if (!unsaved.delete(of)) return;
    try {
      version = (await ask('PUT', `/api/boxes/${of}`, { version, objects: boxes[of] })).version;
      if (unsaved.size === 0) {
        $('saved').className = 'saved';
        $('saved').textContent = 'Saved';
      }
    } catch (error) {
      $('saved').className = 'saved failed';
      $('saved').textContent = 'Not saved';
      tell(said(error));
      if (error.status === 409 || error.status === 400) await reload();
    }
  });
  return saving;
}

async function reload() {
  const now = await ask('GET', '/api/boxes');
  version = now.version;
  boxes = now.videos;
  undone.back.length = undone.forth.length = 0;
  $('saved').className = 'saved';
  $('saved').textContent = 'Saved';
  show();
}

// ---- boxes between key frames, as the server and CVAT make them

function boxAt(one, at) {
  let next = 0;
  while (next < one.keys.length && one.keys[next].frame <= at) next++;
  if (next === 0 || one.keys[next - 1].outside) return null;
  const from = one.keys[next - 1], to = one.keys[next];
  if (!to || from.frame === at) return from.box;
  const share = (at - from.frame) / (to.frame - from.frame);
  return from.box.map((a, i) => a + share * (to.box[i] - a));
}

// ---- changes, all of which can be undone

const copy = value => JSON.parse(JSON.stringify(value));

function change(edit) {
  const before = copy(objects());
  edit();
  if (JSON.stringify(before) === JSON.stringify(objects())) return;
  undone.back.push({ video, objects: before });
  if (undone.back.length > 500) undone.back.shift();
  undone.forth.length = 0;
  save(video);
  show();
}

function step(from, to) {
  const state = from.pop();
  if (!state) return;
  to.push({ video: state.video, objects: copy(boxes[state.video]) });
  boxes[state.video] = state.objects;
  if (state.video !== video) go(state.video, 0);
  if (chosen !== null && !find(chosen)) chosen = null;
  save(video);
  show();
}

const round = number => Math.round(number * 100) / 100;

// Within the frame, at least two pixels wide and high.
function fitted([x1, y1, x2, y2]) {
  const { width, height } = here();
  let [left, right] = x1 < x2 ? [x1, x2] : [x2, x1], [top, bottom] = y1 < y2 ? [y1, y2] : [y2, y1];
  left = clamp(left, 0, width - 2);
  top = clamp(top, 0, height - 2);
  right = clamp(Math.max(right, left + 2), 2, width);
  bottom = clamp(Math.max(bottom, top + 2), 2, height);
  return [left, top, right, bottom].map(round);
}

// Moved as a whole: at the border it stops, and keeps its size.
function moved(box, dx, dy) {
  const { width, height } = here();
  dx = clamp(dx, -box[0], width - box[2]);
  dy = clamp(dy, -box[1], height - box[3]);
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy].map(round);
}

function setKey(one, at, box, outside) {
  const key = { frame: at, box };
  if (outside) key.outside = true;
  one.keys = [...one.keys.filter(other => other.frame !== at), key].sort((a, b) => a.frame - b.frame);
}

const place = (id, box) => change(() => setKey(find(id), frame, box));

function create(box) {
  const id = Math.max(0, ...objects().map(one => one.id)) + 1;
  chosen = id;
  change(() => objects().push({ id, class: lastClass, keys: [{ frame, box: fitted(box) }] }));
  focusBox();
}

function remove(id, whole) {
  const one = find(id);
  if (!one) return;
  if (!whole && !keyAt(one, frame)) {
    tell('There is no key frame of this box here. Shift and Del take the whole object away.');
    return;
  }

  change(() => {
    one.keys = one.keys.filter(key => key.frame !== frame);
    while (one.keys.length > 0 && one.keys[0].outside) one.keys.shift();
    if (whole || one.keys.length === 0) {
      boxes[video] = objects().filter(other => other.id !== id);
      if (chosen === id) chosen = null;
    }
  });
}

function toggleOutside(id) {
  const one = find(id);
  const key = keyAt(one, frame);
  if (key && key.outside) {
    change(() => setKey(one, frame, key.box));
  } else if (frame <= one.keys[0].frame) {
    tell('It is first seen here: go to a later frame to mark it as gone.');
  } else {
    const before = boxAt(one, frame) ?? [...one.keys].reverse().find(other => other.frame < frame).box;
    if (boxAt(one, frame)) change(() => setKey(one, frame, before.map(round), true));
    else change(() => setKey(one, frame, before.map(round)));
  }
}

// ---- what is shown

const frameUrl = (of, at) => `/api/frame/${of}/${at}`;
let shownUrl = '';

async function go(toVideo, toFrame) {
  const other = toVideo !== video;
  video = clamp(toVideo, 0, project.videos.length - 1);
  frame = clamp(toFrame, 0, here().frames - 1);
  if (other) chosen = null;
  remember();
  show();
}

const remember = () => history.replaceState(null, '', `#${video}/${frame}`);

// One picture is asked for at a time: what was passed over meanwhile is not.
let wanted = null, fetching = false;
async function fetchPicture() {
  if (fetching) return;
  fetching = true;
  while (wanted) {
    const { of, at } = wanted;
    wanted = null;
    const picture = new Image();
    picture.src = frameUrl(of, at);
    const kept = ask('GET', `/api/masks/${of}/${at}`).catch(() => []);
    try {
      await picture.decode();
      const found = await kept;
      if (of === video && at === frame) {
        $('picture').src = picture.src;
        $('picture').alt = `Frame ${at + 1} of ${here().name}`;
        masks = found;
        document.body.dataset.frame = `${of}/${at}`;
        drawBoxes();
        if (at + 1 < here().frames) new Image().src = frameUrl(of, at + 1);
      }
    } catch {
      if (of === video && at === frame) tell(`Frame ${at + 1} cannot be shown: ${await fetch(frameUrl(of, at)).then(answer => answer.ok ? 'try again' : answer.text(), said)}`);
    }
  }

  fetching = false;
}

function show() {
  const { width, height, frames } = here();
  const url = frameUrl(video, frame);
  if (url !== shownUrl) {
    shownUrl = url;
    masks = [];
    wanted = { of: video, at: frame };
    fetchPicture();
  }

  $('drawing').setAttribute('viewBox', `0 0 ${width} ${height}`);
  $('scrub').max = frames - 1;
  $('scrub').value = frame;
  $('scrub').setAttribute('aria-valuetext', `frame ${frame + 1} of ${frames}`);
  $('at').replaceChildren('frame ', el('b', { textContent: frame + 1 }), ` of ${frames}`);
  $('undo').disabled = undone.back.length === 0;
  $('redo').disabled = undone.forth.length === 0;
  $('again').hidden = !(here().name in doubts.labelled);
  $('hint').textContent = objects().length === 0 ? 'Drag a box round each object, or press N' : '';
  $('classes').replaceChildren(...[...new Set(boxes.flat().map(one => one.class))].sort().map(name => el('option', { value: name })));
  fit();
  drawBoxes();
  drawObjects();
  drawRows();
  drawVideos();
  markDoubt();
}

function fit() {
  const { width, height } = here(), room = $('stage').getBoundingClientRect();
  const scale = Math.max(0.05, Math.min((room.width - 28) / width, (room.height - 28) / height));
  $('fit').style.width = `${Math.round(width * scale)}px`;
  $('fit').style.height = `${Math.round(height * scale)}px`;
}

const pixel = () => here().width / Math.max(1, $('fit').getBoundingClientRect().width); // frame pixels to one of the screen

function drawBoxes() {
  const hadFocus = !!document.activeElement?.closest?.('.box');
  const parts = [];
  if ($('showMasks').checked) {
    for (const one of masks) if (one.path) parts.push(svg('path', { class: 'mask', d: one.path, fill: colour(one.id), stroke: colour(one.id), 'fill-rule': 'evenodd', 'data-mask': one.id }));
  }

  if ($('showBoxes').checked) {
    for (const one of objects()) {
      const box = boxAt(one, frame);
      if (box) parts.push(drawBox(one, box));
    }
  }

  $('drawing').replaceChildren(...parts);
  drawGrips();
  if (hadFocus) ($('drawing').querySelector(`.box[data-id="${chosen}"]`) ?? $('stage')).focus({ preventScroll: true }); // the elements are new ones
}

function drawBox(one, [x1, y1, x2, y2]) {
  const isKey = !!keyAt(one, frame), unit = pixel(), size = 12 * unit;
  const sides = { x: x1, y: y1, width: x2 - x1, height: y2 - y1, rx: 2 * unit };
  const name = `${one.id} ${one.class}`;
  const quality = masks.find(mask => mask.id === one.id)?.quality;
  const text = quality === undefined ? name : `${name} ${quality.toFixed(2)}`;
  const top = y1 > 1.8 * size ? y1 - 1.5 * size : y1;
  const group = svg('g', {
    class: `box ${isKey ? 'iskey' : 'between'} ${one.id === chosen ? 'chosen' : ''}`, tabindex: 0, role: 'button', 'data-id': one.id,
    'aria-label': `Object ${one.id}, ${one.class}, ${isKey ? 'key frame' : 'between key frames'}, from ${Math.round(x1)}, ${Math.round(y1)} to ${Math.round(x2)}, ${Math.round(y2)}`,
  }, [
    svg('rect', { class: 'halo', ...sides }),
    svg('rect', { class: 'side', ...sides, stroke: colour(one.id) }),
    svg('rect', { class: 'plate', x: x1, y: top, width: (text.length * 0.62 + 0.9) * size, height: 1.5 * size, fill: colour(one.id), rx: 2 * unit }),
  ]);
  const label = svg('text', { x: x1 + 0.45 * size, y: top + 1.1 * size, 'font-size': size, fill: '#0b0e13' });
  label.textContent = text;
  group.append(label);
  return group;
}

// On top of all boxes, so that another box does not hide them.
function drawGrips() {
  $('drawing').querySelector('.grips')?.remove();
  const one = chosen === null || !$('showBoxes').checked ? null : find(chosen), box = one && boxAt(one, frame), unit = pixel();
  if (!box) return;
  const [x1, y1, x2, y2] = box, group = svg('g', { class: 'grips' });
  for (const [gx, gy, cursor] of [[0, 0, 'nwse'], [0.5, 0, 'ns'], [1, 0, 'nesw'], [1, 0.5, 'ew'], [1, 1, 'nwse'], [0.5, 1, 'ns'], [0, 1, 'nesw'], [0, 0.5, 'ew']]) {
    const grip = svg('rect', { class: 'grip', x: x1 + gx * (x2 - x1) - 4.5 * unit, y: y1 + gy * (y2 - y1) - 4.5 * unit, width: 9 * unit, height: 9 * unit, rx: 2 * unit, 'data-grip': `${gx},${gy}` });
    grip.style.cursor = `${cursor}-resize`;
    group.append(grip);
  }

  $('drawing').append(group);
}

function choose(id) {
  if (chosen === id) return;
  chosen = id;
  if (id !== null) lastClass = find(id)?.class ?? lastClass;
  for (const box of $('drawing').querySelectorAll('.box')) box.classList.toggle('chosen', +box.dataset.id === id); // the elements stay, and with them the focus
  drawGrips();
  drawObjects();
  drawRows();
}

const focusBox = () => $('drawing').querySelector(`.box[data-id="${chosen}"]`)?.focus({ preventScroll: true });

function drawObjects() {
  const typing = document.activeElement?.matches('.object input') ? document.activeElement : null;
  if (typing && find(+typing.dataset.id)) return; // what is being typed stays
  $('objects').replaceChildren(...objects().map(one => {
    const box = boxAt(one, frame), key = keyAt(one, frame);
    const dot = el('span', { className: 'dot' });
    dot.style.background = colour(one.id);
    const name = el('input', { type: 'text', value: one.class, maxLength: 100, title: 'Class (C)' });
    name.setAttribute('list', 'classes');
    name.setAttribute('aria-label', `Class of object ${one.id}`);
    name.dataset.id = one.id;
    name.addEventListener('change', () => {
      const text = name.value.trim();
      if (text) {
        lastClass = text;
        change(() => { find(one.id).class = text; });
      } else name.value = one.class;
    });
    name.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === 'Escape') {
        if (event.key === 'Escape') name.value = one.class;
        name.blur();
        drawObjects();
        focusBox();
        event.stopPropagation();
      }
    });
    const away = el('button', { textContent: '\u00d7', title: 'Take the object away (Shift+Del)' });
    away.setAttribute('aria-label', `Take object ${one.id} away`);
    away.addEventListener('click', event => { event.stopPropagation(); remove(one.id, true); });
    const what = el('span', { className: 'what', textContent: `${one.keys.length} key frame${one.keys.length === 1 ? '' : 's'} \u00b7 ${key?.outside ? 'gone from here on' : key ? 'key frame here' : box ? 'on a line here' : 'not here'}` });
    const row = el('div', { className: `object${one.id === chosen ? ' chosen' : ''}` }, [dot, el('span', { className: 'id', textContent: one.id }), name, away, what]);
    row.addEventListener('click', event => {
      choose(one.id);
      if (!box) go(video, one.keys[0].frame);
      if (event.target !== name) focusBox();
    });
    return row;
  }));
  if (objects().length === 0) $('objects').append(el('p', { className: 'empty', textContent: 'None yet in this video.' }));
}

function drawRows() {
  const count = here().frames, percent = at => `calc(8px + (100% - 16px) * ${(count === 1 ? 0.5 : at / (count - 1)).toFixed(5)})`; // as the slider's knob goes
  $('rows').replaceChildren(...objects().map(one => {
    const row = el('div', { className: `row${one.id === chosen ? ' chosen' : ''}`, title: `${one.id} ${one.class}` });
    one.keys.forEach((key, i) => {
      if (key.outside) return;
      const end = one.keys[i + 1]?.frame ?? count - 1;
      const span = el('span', { className: 'span' });
      Object.assign(span.style, { left: percent(key.frame), width: `calc(${percent(end)} - ${percent(key.frame)})`, background: colour(one.id) });
      row.append(span);
    });
    for (const key of one.keys) {
      const mark = el('span', { className: `key${key.outside ? ' gone' : ''}`, title: `frame ${key.frame + 1}${key.outside ? ': gone' : ''}` });
      Object.assign(mark.style, { left: percent(key.frame), background: colour(one.id), color: colour(one.id) });
      row.append(mark);
    }

    const now = el('span', { className: 'now' });
    now.style.left = percent(frame);
    row.append(now);
    row.addEventListener('click', event => {
      const room = row.getBoundingClientRect();
      choose(one.id);
      go(video, Math.round((event.clientX - room.left - 8) / (room.width - 16) * (count - 1)));
    });
    return row;
  }));
  drawHeat();
}

const shade = quality => quality < 0.5 ? '#ff6b6b' : quality < 0.75 ? '#f2b84b' : '#45c97a';

function drawHeat() {
  const canvas = $('heat'), least = doubts.least[video] ?? [];
  canvas.style.display = least.length ? 'block' : 'none';
  if (!least.length) return;
  const width = canvas.width = Math.max(1, canvas.clientWidth), context = canvas.getContext('2d');
  canvas.height = 10;
  for (let x = 0; x < width; x++) {
    const from = Math.floor(x / width * least.length), to = Math.max(from + 1, Math.floor((x + 1) / width * least.length));
    const some = least.slice(from, to).filter(quality => quality !== null && quality !== undefined);
    if (some.length) {
      context.fillStyle = shade(Math.min(...some));
      context.fillRect(x, 0, 1, 10);
    }
  }
}

function drawVideos() {
  const list = $('videos');
  if (list.childElementCount !== project.videos.length) {
    list.replaceChildren(...project.videos.map((one, i) => {
      const picture = el('img', { src: frameUrl(i, 0), alt: '', loading: 'lazy' });
      const button = el('button', { className: 'video', title: one.name }, [picture, el('span', { className: 'name', textContent: one.name }), el('span', { className: 'facts' })]);
      button.addEventListener('click', () => go(i, 0));
      return button;
    }));
  }

  [...list.children].forEach((button, i) => {
    button.setAttribute('aria-current', i === video);
    const count = boxes[i].length, isDone = project.videos[i].name in doubts.labelled;
    button.querySelector('.facts').replaceChildren(
      `${project.videos[i].frames} frames`,
      el('span', { className: `pill${isDone ? ' done' : ''}`, textContent: isDone ? 'masks' : count === 0 ? 'no box' : `${count} object${count === 1 ? '' : 's'}` }));
  });
}

function drawDoubts() {
  $('doubts').replaceChildren(...doubts.worst.map(one => {
    const dot = el('span', { className: 'dot' }), fill = el('i');
    dot.style.background = colour(one.id);
    Object.assign(fill.style, { width: `${Math.round(100 * one.quality)}%`, background: shade(one.quality) });
    const name = el('span', { textContent: `${one.id} ${one.class} ` }, []);
    name.append(el('small', { textContent: `${project.videos.length > 1 ? project.videos[one.video].name + ' ' : ''}frame ${one.frame + 1}` }));
    const button = el('button', { className: 'doubt' }, [dot, name, el('span', {}, [el('span', { className: 'meter' }, [fill]), el('span', { className: 'number', textContent: one.quality.toFixed(2) })])]);
    button.dataset.at = `${one.video}/${one.frame}/${one.id}`;
    button.addEventListener('click', () => lookAt(one));
    return button;
  }));
  if (doubts.worst.length === 0) {
    $('doubts').append(el('p', { className: 'empty', textContent: Object.keys(doubts.labelled).length ? 'These masks have no quality.' : 'After labelling: the masks that are most likely wrong. Correct their boxes, and run the clip again.' }));
  }

  markDoubt();
}

function lookAt(one) {
  go(one.video, one.frame);
  if (find(one.id)) choose(one.id);
  markDoubt();
}

const markDoubt = () => {
  for (const button of $('doubts').querySelectorAll('.doubt')) button.setAttribute('aria-current', button.dataset.at === `${video}/${frame}/${chosen}`);
};

function nextDoubt() {
  if (doubts.worst.length === 0) {
    tell('There are no masks to look at yet. Label first (L).');
    return;
  }

  const at = doubts.worst.findIndex(one => one.video === video && one.frame === frame && one.id === chosen);
  lookAt(doubts.worst[(at + 1) % doubts.worst.length]);
  $('doubts').querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
}

// ---- the mouse on the picture

function pointAt(event) {
  const room = $('fit').getBoundingClientRect();
  return [(event.clientX - room.left) / room.width * here().width, (event.clientY - room.top) / room.height * here().height];
}

$('stage').addEventListener('pointerdown', event => {
  if (event.button !== 0) return;
  event.preventDefault();
  const grip = event.target.closest('.grip'), start = pointAt(event);
  const on = grip ? $('drawing').querySelector(`.box[data-id="${chosen}"]`) : event.target.closest('.box');
  if (on) {
    choose(+on.dataset.id);
    focusBox();
  } else {
    $('stage').focus({ preventScroll: true });
  }

  const one = on ? find(chosen) : null, before = one ? boxAt(one, frame) : null;
  let now = null;
  $('stage').setPointerCapture(event.pointerId);
  const move = moving => {
    const [x, y] = pointAt(moving), dx = x - start[0], dy = y - start[1];
    if (!now && Math.hypot(dx, dy) < 3 * pixel()) return;
    if (grip) {
      const [gx, gy] = grip.dataset.grip.split(',').map(Number);
      now = fitted([before[0] + (gx === 0 ? dx : 0), before[1] + (gy === 0 ? dy : 0), before[2] + (gx === 1 ? dx : 0), before[3] + (gy === 1 ? dy : 0)]);
    } else now = before ? moved(before, dx, dy) : fitted([...start, x, y]);
    if (before) {
      const keys = one.keys;
      setKey(one, frame, now);
      drawBoxes();
      one.keys = keys;
    } else {
      $('drawing').querySelector('.rubber')?.remove();
      $('drawing').append(svg('rect', { class: 'rubber', x: now[0], y: now[1], width: now[2] - now[0], height: now[3] - now[1] }));
    }
  };
  const end = ending => {
    $('stage').removeEventListener('pointermove', move);
    $('stage').removeEventListener('pointerup', end);
    $('stage').removeEventListener('pointercancel', end);
    if (now && ending.type === 'pointerup') {
      if (before) {
        place(chosen, now);
        focusBox();
      } else if (now[2] - now[0] > 3 && now[3] - now[1] > 3) create(now);
    } else if (!on) choose(null);
    drawBoxes();
  };
  $('stage').addEventListener('pointermove', move);
  $('stage').addEventListener('pointerup', end);
  $('stage').addEventListener('pointercancel', end);
});

$('drawing').addEventListener('focusin', event => {
  const on = event.target.closest('.box');
  if (on && +on.dataset.id !== chosen) choose(+on.dataset.id);
});

// ---- playing

function play(on) {
  clearInterval(playing);
  playing = null;
  $('play').setAttribute('aria-label', on ? 'Pause' : 'Play');
  $('play').querySelector('path').setAttribute('d', on ? 'M7 5v14M17 5v14' : 'M8 5v14l11-7z');
  if (!on) return;
  if (frame === here().frames - 1) go(video, 0);
  playing = setInterval(() => {
    if (fetching) return; // as fast as pictures come
    if (frame >= here().frames - 1) play(false);
    else go(video, frame + 1);
  }, 50);
}

// ---- labelling

async function label(videos) {
  try {
    await saving;
    showRun(await ask('POST', '/api/label', { videos }));
    watch();
  } catch (error) {
    tell(said(error));
  }
}

const doing = { flow: 'Motion', features: 'Features', training: 'Training', masks: 'Masks', done: 'Done', failed: 'Failed' };
const duration = seconds => seconds >= 90 ? `${Math.round(seconds / 60)} min left` : `${Math.max(1, Math.round(seconds))} s left`;

function showRun(state) {
  const isRunning = state.state === 'running';
  $('running').hidden = !isRunning;
  $('label').disabled = isRunning;
  $('again').disabled = isRunning;
  document.body.dataset.label = state.state;
  if (isRunning) {
    $('runTitle').textContent = doing[state.doing] ?? 'Labelling';
    $('runText').textContent = [state.of > 0 ? `${state.done} of ${state.of}` : '', state.message].filter(Boolean).join(' \u00b7 ');
    $('runLeft').textContent = typeof state.secondsLeft === 'number' ? duration(state.secondsLeft) : '';
    $('runBar').max = Math.max(1, state.of);
    $('runBar').value = state.done;
  }
}

let watching = false;
async function watch() {
  if (watching) return;
  watching = true;
  for (let first = true; ; first = false) {
    let state;
    try {
      state = await ask('GET', '/api/label');
    } catch (error) {
      tell(said(error));
      break;
    }

    showRun(state);
    if (state.number !== labelNumber) {
      labelNumber = state.number;
      await fetchDoubts();
    }

    if (state.state !== 'running') {
      if (!first || state.state === 'failed') {
        if (state.state === 'failed') tell(state.message);
        else if (state.message) tellWell(state.message);
      }

      break;
    }

    await new Promise(done => setTimeout(done, 400));
  }

  watching = false;
}

function tellWell(text) {
  tell(text);
  $('toast').style.cssText = 'background:#12301f;border-color:#2a6b45;color:#d5f5e2';
  setTimeout(() => { $('toast').style.cssText = ''; }, 7000);
}

async function fetchDoubts() {
  try {
    doubts = await ask('GET', '/api/doubts');
    shownUrl = '';
    drawDoubts();
    show();
  } catch (error) {
    tell(said(error));
  }
}

// ---- taking away

function openAway() {
  $('awayText').textContent = Object.keys(doubts.labelled).length ? '' : 'There are no masks yet. Label first.';
  $('awayText').className = 'awayText';
  $('awayBox').showModal();
}

async function takeAway(form) {
  try {
    $('awayText').className = 'awayText';
    await ask('POST', `/api/away/${form}`);
    for (;;) {
      const state = await ask('GET', '/api/away');
      if (state.state === 'running') {
        $('awayText').textContent = `Writing ${form}${state.of > 0 ? `, ${Math.round(100 * state.done / state.of)} %` : ''}`;
        await new Promise(done => setTimeout(done, 250));
        continue;
      }

      if (state.state === 'failed') throw new Error(state.message);
      $('awayText').textContent = `${state.path}${state.lost?.length ? `. This form does not hold: ${state.lost.join('; ')}.` : ''}`;
      el('a', { href: `/api/away/${form}`, download: '' }).click();
      return;
    }
  } catch (error) {
    $('awayText').className = 'awayText failed';
    $('awayText').textContent = said(error);
  }
}

// ---- keys

function keyFrame(way) {
  const of = chosen === null ? objects() : [find(chosen)];
  const all = [...new Set(of.flatMap(one => one.keys.map(key => key.frame)))].sort((a, b) => a - b);
  const next = way > 0 ? all.find(at => at > frame) : all.reverse().find(at => at < frame);
  if (next !== undefined) go(video, next);
}

function newByKey() {
  const { width, height } = here(), seen = objects().length % 5;
  create([width * (0.3 + 0.04 * seen), height * (0.3 + 0.04 * seen), width * (0.6 + 0.04 * seen), height * (0.7 + 0.04 * seen)]);
}

function withBox(then) {
  if (chosen === null || !find(chosen)) tell('No box is chosen. Tab chooses one.');
  else then(find(chosen));
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(event) {
  if (document.querySelector('dialog[open]') || event.target.matches('input[type=text]')) return;
  const { key } = event, low = key.length === 1 ? key.toLowerCase() : key, many = event.shiftKey ? 10 : 1;
  const isRange = event.target === $('scrub');
  if ((event.ctrlKey || event.metaKey) && (low === 'z' || low === 'y')) {
    if (low === 'y' || event.shiftKey) step(undone.forth, undone.back);
    else step(undone.back, undone.forth);
  } else if (event.ctrlKey || event.metaKey) {
    return;
  } else if (arrows[key] && chosen !== null && find(chosen) && !isRange) {
    const one = find(chosen), box = boxAt(one, frame), [dx, dy] = arrows[key].map(way => way * many);
    if (!box) tell('This object is not in this frame. O brings it back.');
    else place(chosen, event.altKey ? fitted([box[0], box[1], box[2] + dx, box[3] + dy]) : moved(box, dx, dy));
    focusBox();
  } else if (key === 'ArrowLeft' && !isRange || key === ',' || key === '<') go(video, frame - many);
  else if (key === 'ArrowRight' && !isRange || key === '.' || key === '>') go(video, frame + many);
  else if (key === 'Home') go(video, 0);
  else if (key === 'End') go(video, here().frames - 1);
  else if (key === 'PageUp') go(video - 1, 0);
  else if (key === 'PageDown') go(video + 1, 0);
  else if (low === 'j') keyFrame(-1);
  else if (low === 'k') keyFrame(1);
  else if (key === ' ' && !event.target.matches('button, input')) play(!playing);
  else if (low === 'n') newByKey();
  else if (key === 'Enter' && event.target.closest?.('.box')) withBox(one => { const box = boxAt(one, frame); if (box) place(one.id, box.map(round)); focusBox(); });
  else if (low === 'c') withBox(one => { const name = $('objects').querySelector(`input[data-id="${one.id}"]`); name.focus(); name.select(); });
  else if (low === 'o') withBox(one => toggleOutside(one.id));
  else if (key === 'Delete' || key === 'Backspace') withBox(one => { remove(one.id, event.shiftKey); if (chosen !== null) focusBox(); else $('stage').focus(); });
  else if (key === 'Escape') { choose(null); $('stage').focus(); }
  else if (low === 'l') label([]);
  else if (low === 'r') label([video]);
  else if (low === 'w') nextDoubt();
  else if (low === 'm') $('showMasks').click();
  else if (low === 'b') $('showBoxes').click();
  else if (low === 't') openAway();
  else if (key === '?') $('helpBox').showModal();
  else return;
  event.preventDefault();
}

// ---- at first

async function begin() {
  project = await ask('GET', '/api/project');
  version = project.boxes.version;
  boxes = project.boxes.videos;
  document.title = `${project.name} \u00b7 motion studio`;
  $('project').textContent = project.name;
  $('project').title = project.folder;
  lastClass = boxes.flat().at(-1)?.class ?? 'object';
  $('forms').replaceChildren(...project.forms.map(form => {
    const button = el('button', { className: 'form' }, [el('b', { textContent: form.name }), el('span', { textContent: form.words })]);
    button.dataset.form = form.name;
    button.addEventListener('click', () => takeAway(form.name));
    return button;
  }));
  const [ofVideo, at] = location.hash.slice(1).split('/').map(Number);
  video = Number.isInteger(ofVideo) ? clamp(ofVideo, 0, project.videos.length - 1) : 0;
  frame = Number.isInteger(at) ? clamp(at, 0, here().frames - 1) : 0;
  document.addEventListener('keydown', onKey);
  $('scrub').addEventListener('input', () => go(video, +$('scrub').value));
  for (const [id, act] of Object.entries({
    first: () => go(video, 0), back: () => go(video, frame - 1), forth: () => go(video, frame + 1), last: () => go(video, here().frames - 1), play: () => play(!playing),
    undo: () => step(undone.back, undone.forth), redo: () => step(undone.forth, undone.back), add: newByKey, label: () => label([]), again: () => label([video]),
    stop: () => ask('POST', '/api/label/stop').catch(error => tell(said(error))), away: openAway, help: () => $('helpBox').showModal(),
  })) $(id).addEventListener('click', act);
  for (const id of ['showMasks', 'showBoxes']) $(id).addEventListener('change', drawBoxes);
  new ResizeObserver(() => { fit(); drawBoxes(); drawHeat(); }).observe($('stage'));
  show();
  $('stage').focus();
  await watch();
  document.body.dataset.ready = 'yes';
}

begin().catch(error => tell(said(error)));
