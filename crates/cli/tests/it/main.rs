//! The program as its users meet it: arguments in, exit code and both streams
//! out.

mod harness;

mod help;
