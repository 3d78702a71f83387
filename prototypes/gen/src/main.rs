//! Makes the prototype texts from kernel sources, and checks texts that others made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use emu_prototypes_gen::import::{self, Facts, Identities, ImportError, PROFILES};
use emu_prototypes_gen::nearest::did_you_mean;
use emu_prototypes_gen::types::Types;
use emu_prototypes_gen::windows::releases::{self, Arch};
use emu_prototypes_gen::windows::statuses;
use emu_prototypes_gen::{classic, declaration, measure, numbers};

/// Makes and checks prototype texts.
#[derive(Debug, Parser)]
#[command(name = "emu-prototypes-gen", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes texts from what others wrote down
    #[command(subcommand)]
    Import(Import),
    /// Prints a profile in the classic form, `NUMBER RETTYPE NAME(ARGS);` a line
    Classic {
        /// A text in that form, which is checked and printed in one spelling
        #[arg(required_unless_present = "profile")]
        file: Option<PathBuf>,
        /// A profile of ours instead, such as linux_arm
        #[arg(long, conflicts_with = "file")]
        profile: Option<String>,
        /// Where its texts are
        #[arg(long, default_value = "prototypes/linux")]
        texts: PathBuf,
    },
    /// Makes constants.txt anew: with the values that the compilers of compilers.list know, or from tables
    Constants {
        /// Tables of single ABIs as ABI=FILE, `GROUP<TAB>NAME<TAB>VALUE` a line, instead of the compilers
        tables: Vec<String>,
        /// A group of the tables that is left out
        #[arg(long)]
        without: Vec<String>,
        /// Where the texts are
        #[arg(long, default_value = "prototypes/linux")]
        texts: PathBuf,
    },
    /// Makes structs.txt anew, as the compilers of compilers.list lay out what structs.h and structs.list name
    Structs {
        /// Where the texts are
        #[arg(long, default_value = "prototypes/linux")]
        texts: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Makes signatures.txt and the number tables from a Linux source tree
    Linux {
        /// The root of the source tree, such as an unpacked linux-source-6.12
        tree: PathBuf,
        /// A profile, such as linux_arm: only its table is written; or `all`: every committed text is
        profile: String,
        /// Where the texts go
        #[arg(long, default_value = "prototypes/linux")]
        out: PathBuf,
    },
    /// Makes signatures.txt and the number table from FreeBSD's syscalls.master, as Go carries it along
    Freebsd {
        /// The table: zsysnum_freebsd_amd64.go of golang.org/x/sys/unix
        table: PathBuf,
        /// Where the texts go
        #[arg(long, default_value = "prototypes/freebsd")]
        out: PathBuf,
    },
    /// Tells what a text in the classic form, `NUMBER RETTYPE NAME(ARGS);` a line, has new, changed or missing
    Classic {
        /// The text
        file: PathBuf,
        /// A text to compare it with, such as what `emu prototypes linux_arm` prints
        with: PathBuf,
    },
    /// Makes witness.txt, which the tests compare with: how many and how wide arguments are in another extraction
    Witness {
        /// Tables of single ABIs as ABI=FILE, `NUMBER<TAB>NAME<TAB>ENTRY<TAB>RETURN<TAB>PARAMETERS` a line
        tables: Vec<String>,
        /// Where the texts are and go
        #[arg(long, default_value = "prototypes/linux")]
        out: PathBuf,
    },
    /// Makes the tables of Windows from what is given
    Windows {
        /// Numbers of 32-bit releases: a header with releases, then `NAME,0x0123,…` a line
        #[arg(long)]
        x86: Option<PathBuf>,
        /// The same of 64-bit releases
        #[arg(long)]
        x64: Option<PathBuf>,
        /// Headers that declare calls, or directories of them; of two with a call the earlier counts
        #[arg(long, num_args = 1..)]
        headers: Vec<PathBuf>,
        /// Headers with codes of requests to devices, or directories of them; of two with a name or a code the earlier counts
        #[arg(long, num_args = 1..)]
        controls: Vec<PathBuf>,
        /// An import library with decorated names, such as the libntdll.a of mingw-w64
        #[arg(long)]
        stdcall: Option<PathBuf>,
        /// Values of NTSTATUS, `0xVALUE<TAB>NAME` a line
        #[arg(long)]
        statuses: Option<PathBuf>,
        /// Where the texts are and go
        #[arg(long, default_value = "prototypes/windows")]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Import(Import::Linux { tree, profile, out }) => import(&tree, &profile, &out),
        Command::Import(Import::Freebsd { table, out }) => freebsd(&table, &out),
        Command::Import(Import::Classic { file, with }) => compare(&file, &with),
        Command::Import(Import::Witness { tables, out }) => witness(&tables, &out),
        Command::Import(Import::Windows {
            x86,
            x64,
            headers,
            controls,
            stdcall,
            statuses,
            out,
        }) => {
            let done = windows(x86.zip(x64), &headers, stdcall.as_deref(), &out);
            let done = done.and_then(|()| codes(&controls, &out));
            done.and_then(|()| statuses.map_or(Ok(()), |table| names(&table, &out)))
        }
        Command::Classic {
            file: Some(file), ..
        } => classic_file(&file),
        Command::Classic { profile, texts, .. } => {
            classic_profile(&profile.unwrap_or_default(), &texts)
        }
        Command::Constants {
            tables,
            without,
            texts,
        } => {
            let text = match tables.is_empty() {
                true => measure::constants(&texts),
                false => measure::merge(&texts, &tables, &without),
            };
            text.and_then(|text| rewrite(&texts.join("constants.txt"), &text))
        }
        Command::Structs { texts } => {
            measure::structs(&texts).and_then(|text| rewrite(&texts.join("structs.txt"), &text))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn rewrite(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{}: {} lines", path.display(), text.lines().count());
    Ok(())
}

fn import(tree: &Path, profile: &str, out: &Path) -> Result<(), String> {
    let wanted: Vec<String> = if profile == "all" {
        let committed = PROFILES.iter().filter(|profile| profile.committed);
        let tables = committed.map(|profile| format!("{}.txt", profile.full_name()));
        std::iter::once("signatures.txt".to_owned())
            .chain(tables)
            .collect()
    } else {
        let names: Vec<String> = PROFILES.iter().map(import::Profile::full_name).collect();
        if !names.iter().any(|name| name == profile) {
            let nearest = did_you_mean(profile, names.iter().map(String::as_str));
            return Err(format!(
                "expected a profile or `all`, found `{profile}`{nearest}"
            ));
        }
        vec![format!("{profile}.txt")]
    };
    let text = |error: declaration::Error| error.to_string();
    let facts = Facts::parse("facts.txt", include_str!("../../linux/facts.txt")).map_err(text)?;
    let identities =
        Identities::parse("identities.txt", include_str!("../../linux/identities.txt"))
            .map_err(text)?;
    let texts = import::import(tree, PROFILES, &facts, &identities)
        .map_err(|error: ImportError| error.to_string())?;
    for name in wanted {
        let path = out.join(&name);
        std::fs::write(&path, &texts[&name])
            .map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}: {} lines", path.display(), texts[&name].lines().count());
    }
    Ok(())
}

fn freebsd(table: &Path, out: &Path) -> Result<(), String> {
    let texts = import::freebsd::texts(&table.display().to_string(), &read(table)?)
        .map_err(|error| error.to_string())?;
    rewrite(&out.join("signatures.txt"), &texts.signatures)?;
    rewrite(&out.join("freebsd_x64.txt"), &texts.numbers)
}

fn compare(file: &Path, with: &Path) -> Result<(), String> {
    let parse = |path: &Path| {
        classic::parse(&path.display().to_string(), &read(path)?).map_err(|error| error.to_string())
    };
    let (theirs, ours) = (parse(file)?, parse(with)?);
    print!("{}", classic::compare(&theirs, &ours));
    Ok(())
}

fn witness(tables: &[String], out: &Path) -> Result<(), String> {
    let all = |errors: Vec<declaration::Error>| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let types = Types::parse("types.txt", &read(&out.join("types.txt"))?).map_err(all)?;
    let mut text = "# How many and how wide the arguments of each number are in another extraction of Linux's sources, 6.1, than ours.\n\
                    # Made by `emu-prototypes-gen import witness`; the tests compare our tables with it.\n\
                    # NUMBER NAME ENTRY WIDTHS: b 8 bits, h 16, i 32, q 64, l long, p pointer or size_t; capitals are unsigned, P is ssize_t.\n"
        .to_owned();
    for table in tables {
        let (abi, file) = table
            .split_once('=')
            .ok_or_else(|| format!("expected ABI=FILE, found `{table}`"))?;
        text += &import::witness::table(abi, file, &read(Path::new(file))?, &types).map_err(all)?;
    }
    rewrite(&out.join("witness.txt"), &text)
}

fn windows(
    tables: Option<(PathBuf, PathBuf)>,
    headers: &[PathBuf],
    stdcall: Option<&Path>,
    out: &Path,
) -> Result<(), String> {
    let all = |errors: Vec<declaration::Error>| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let releases_path = out.join("releases.txt");
    let releases = releases::parse(&releases_path.display().to_string(), &read(&releases_path)?)
        .map_err(|error| error.to_string())?;
    let numbers_path = out.join("numbers.txt");
    if let Some((x86, x64)) = tables {
        let (x86_text, x64_text) = (read(&x86)?, read(&x64)?);
        let (x86, x64) = (x86.display().to_string(), x64.display().to_string());
        let csv = |arch, file, text| import::windows::Csv { arch, file, text };
        let tables = [
            csv(Arch::X86, &x86, &x86_text),
            csv(Arch::X64, &x64, &x64_text),
        ];
        let text = import::windows::numbers(&releases, &tables).map_err(all)?;
        rewrite(&numbers_path, &text)?;
    }
    if !headers.is_empty() {
        let numbers = emu_prototypes_gen::windows::numbers::parse(
            &numbers_path.display().to_string(),
            &read(&numbers_path)?,
            &releases,
        )
        .map_err(all)?;
        let wanted: Vec<String> = numbers
            .into_iter()
            .flat_map(BTreeMap::into_values)
            .collect();
        let text =
            import::windows::signatures(headers, &wanted).map_err(|error| error.to_string())?;
        rewrite(&out.join("signatures.txt"), &text)?;
        let text =
            import::windows::enumerations(headers, &text).map_err(|error| error.to_string())?;
        rewrite(&out.join("enumerations.txt"), &text)?;
    }
    if let Some(library) = stdcall {
        let bytes =
            std::fs::read(library).map_err(|error| format!("{}: {error}", library.display()))?;
        let name = library.file_name().unwrap_or_default().to_string_lossy();
        let text = import::windows::stdcall(&bytes, &name)?;
        rewrite(&out.join("stdcall.txt"), &text)?;
    }
    Ok(())
}

fn codes(headers: &[PathBuf], out: &Path) -> Result<(), String> {
    if headers.is_empty() {
        return Ok(());
    }
    let text = import::windows::controls(headers).map_err(|error| error.to_string())?;
    rewrite(&out.join("controls.txt"), &text)
}

fn names(table: &Path, out: &Path) -> Result<(), String> {
    let text = statuses::import(&table.display().to_string(), &read(table)?)
        .map_err(|error| error.to_string())?;
    rewrite(&out.join("statuses.txt"), &text)
}

fn classic_file(file: &Path) -> Result<(), String> {
    let prototypes = classic::parse(&file.display().to_string(), &read(file)?);
    print!(
        "{}",
        classic::print(&prototypes.map_err(|error| error.to_string())?)
    );
    Ok(())
}

fn classic_profile(profile: &str, texts: &Path) -> Result<(), String> {
    let print = || {
        let signatures = texts.join("signatures.txt");
        let table = texts.join(format!("{profile}.txt"));
        let (signatures_text, table_text) = (read(&signatures)?, read(&table)?);
        let (signatures, table) = (
            signatures.display().to_string(),
            table.display().to_string(),
        );
        let text = |error: declaration::Error| error.to_string();
        let signatures = declaration::parse(&signatures, &signatures_text).map_err(text)?;
        let numbers = numbers::parse(&table, &table_text).map_err(text)?;
        classic::of(&table, &numbers, &signatures).map_err(text)
    };
    print!("{}", classic::print(&print()?));
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
