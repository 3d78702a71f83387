//! Makes a module of Rust from the texts of each OS.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for os in ["linux", "freebsd", "windows"] {
        println!("cargo::rerun-if-changed={os}");
        let made = match os {
            "windows" => emu_prototypes_gen::generate_windows(Path::new(os)),
            _ => emu_prototypes_gen::generate(Path::new(os)),
        };
        match made {
            Ok(text) => {
                fs::write(out.join(os).with_extension("rs"), text).expect("OUT_DIR is writable");
            }
            Err(errors) => {
                errors
                    .iter()
                    .for_each(|error| eprintln!("prototypes/{os}/{error}"));
                process::exit(1);
            }
        }
    }
}
