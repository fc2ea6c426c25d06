"""HTTP in, HTML out; one folder an area. Views are thin: parse, call one service function, render."""
