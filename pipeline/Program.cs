System.Console.WriteLine("motion");
