return await Motion.Pipeline.PipelineProgram.Run(args);
