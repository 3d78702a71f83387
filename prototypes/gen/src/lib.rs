//! Parses, checks and imports prototype texts, and generates Rust from them.

pub mod declaration;
pub mod import;
pub mod nearest;
pub mod numbers;
