//! Makes `linux.rs` from the texts in `linux/`.

use std::path::Path;
use std::{env, fs, process};

fn main() {
    println!("cargo::rerun-if-changed=linux");
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    match emu_prototypes_gen::generate(Path::new("linux")) {
        Ok(text) => fs::write(Path::new(&out).join("linux.rs"), text).expect("OUT_DIR is writable"),
        Err(errors) => {
            errors
                .iter()
                .for_each(|error| eprintln!("prototypes/linux/{error}"));
            process::exit(1);
        }
    }
}
