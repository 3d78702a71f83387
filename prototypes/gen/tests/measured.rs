//! Are the committed texts what compilers say?

use std::path::{Path, PathBuf};

use emu_prototypes_gen::measure;

fn check(name: &str, measured: Result<String, String>) {
    match measured {
        // A compiler or its headers are not installed.
        Err(message) => eprintln!("skipped: {}", message.lines().next().unwrap_or_default()),
        Ok(text) => {
            let committed = std::fs::read_to_string(linux().join(name)).expect("it is committed");
            let differ = committed
                .lines()
                .zip(text.lines())
                .find(|(ours, theirs)| ours != theirs);
            assert!(committed == text, "{name} differs, first in {differ:?}");
        }
    }
}

fn linux() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../linux")
}

#[test]
fn structures_are_laid_out_as_all_compilers_have_them() {
    check("structs.txt", measure::structs(&linux()));
}

/// Newer headers know values that older ones don't, so this is asked for.
#[test]
fn constants_have_the_values_that_all_compilers_know() {
    if std::env::var_os("EMU_MEASURE").is_none() {
        return eprintln!("skipped: EMU_MEASURE is not set");
    }
    check("constants.txt", measure::constants(&linux()));
}
