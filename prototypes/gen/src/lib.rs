//! Parses, checks and imports prototype texts, and generates Rust from them.

pub mod abis;
pub mod classic;
pub mod compiler;
pub mod constants;
pub mod declaration;
pub mod emit;
pub mod errors;
pub mod groups;
pub mod import;
pub mod meanings;
pub mod measure;
pub mod model;
pub mod nearest;
pub mod numbers;
pub mod structs;
pub mod types;
pub mod windows;

use std::path::Path;

use declaration::Error;

/// Rust for the texts of Windows in a directory.
pub fn generate_windows(dir: &Path) -> Result<String, Vec<Error>> {
    model::Texts::read(dir)
        .and_then(|texts| windows::Windows::new(&texts))
        .map(|windows| windows::module(&windows))
}

/// Rust for the texts of a Unix in a directory.
pub fn generate(dir: &Path) -> Result<String, Vec<Error>> {
    model::Texts::read(dir)
        .and_then(|texts| model::Os::new(&texts))
        .map(|os| emit::module(&os))
}
