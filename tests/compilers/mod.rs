//! C programs, built for a target once and kept beside what cargo builds.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bounded::complete;

/// A compiler and the profile that runs what it makes.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) compiler: &'static str,
    /// Whether the host can run it itself.
    pub(crate) native: bool,
}

pub(crate) const X64: Target = Target {
    name: "x64",
    profile: "linux_x64",
    compiler: "x86_64-linux-gnu-gcc",
    native: cfg!(target_arch = "x86_64"),
};
pub(crate) const X86: Target = Target {
    name: "x86",
    profile: "linux_x86",
    compiler: "i686-linux-gnu-gcc",
    native: cfg!(target_arch = "x86_64"),
};
pub(crate) const ARMHF: Target = Target {
    name: "armhf",
    profile: "linux_arm",
    compiler: "arm-linux-gnueabihf-gcc",
    native: false,
};
pub(crate) const ARMEL: Target = Target {
    name: "armel",
    profile: "linux_arm",
    compiler: "arm-linux-gnueabi-gcc",
    native: false,
};
pub(crate) const ARM64: Target = Target {
    name: "arm64",
    profile: "linux_arm64",
    compiler: "aarch64-linux-gnu-gcc",
    native: cfg!(target_arch = "aarch64"),
};
pub(crate) const MIPS: Target = Target {
    name: "mips",
    profile: "linux_mips",
    compiler: "mips-linux-gnu-gcc",
    native: false,
};
pub(crate) const MIPSEL: Target = Target {
    name: "mipsel",
    profile: "linux_mipsel",
    compiler: "mipsel-linux-gnu-gcc",
    native: false,
};
pub(crate) const MIPS64: Target = Target {
    name: "mips64",
    profile: "linux_mips64",
    compiler: "mips64-linux-gnuabi64-gcc",
    native: false,
};
pub(crate) const MIPS64EL: Target = Target {
    name: "mips64el",
    profile: "linux_mips64el",
    compiler: "mips64el-linux-gnuabi64-gcc",
    native: false,
};

/// All of them.
pub(crate) const ALL: [&Target; 9] = [
    &X64, &X86, &ARMHF, &ARMEL, &ARM64, &MIPS, &MIPSEL, &MIPS64, &MIPS64EL,
];

/// Whether a compiler is there; it has to be where everything is.
pub(crate) fn installed(compiler: &str) -> bool {
    let asked = Command::new(compiler)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    let there = asked.is_ok_and(|status| status.success());
    assert!(there || !complete(), "{compiler} is not installed");
    if !there {
        println!("left out: {compiler} is not installed");
    }
    there
}

/// How programs are built: of one file, so that they run without a root.
const OPTIONS: [&str; 4] = ["-O2", "-static", "-pthread", "-w"];

/// The program that a compiler makes of a source. What was built before from the same text is taken again.
pub(crate) fn build(compiler: &str, source: &Path) -> Result<PathBuf, String> {
    build_with(compiler, source, &OPTIONS)
}

/// The same with other options.
pub(crate) fn build_with(
    compiler: &str,
    source: &Path,
    options: &[&str],
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    options.hash(&mut hasher);
    std::fs::read(source)
        .map_err(|error| format!("{}: {error}", source.display()))?
        .hash(&mut hasher);
    // The headers of its folder, and of the one above, count as its own.
    let mut headers = Vec::new();
    for folder in source.ancestors().skip(1).take(2) {
        let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
        headers.extend(
            entries
                .filter_map(|entry| entry.ok().map(|entry| entry.path()))
                .filter(|path| path.extension().is_some_and(|extension| extension == "h")),
        );
    }
    headers.sort();
    for header in headers {
        std::fs::read(header)
            .map_err(|error| error.to_string())?
            .hash(&mut hasher);
    }
    let name = source.file_stem().expect("it has a name").to_string_lossy();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("programs")
        .join(compiler);
    let program = folder
        .join(format!("{:016x}", hasher.finish()))
        .join(&*name);
    if program.exists() {
        return Ok(program);
    }
    let parent = program.parent().expect("it was just made of two");
    std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
    // Another test may build the same at the same time: whoever is ready last replaces the same with the same.
    let work = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?;
    let fresh = work.path().join("program");
    let output = Command::new(compiler)
        .args(options)
        .arg("-o")
        .arg(&fresh)
        .arg(source)
        .arg("-lm")
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    std::fs::rename(&fresh, &program).map_err(|error| error.to_string())?;
    Ok(program)
}
