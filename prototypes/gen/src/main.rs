//! Makes the prototype texts from kernel sources.

fn main() {}
