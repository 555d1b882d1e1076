return await Motion.Pipeline.PipelineProgram.Run(args, Motion.Examples.Still.Kind);
