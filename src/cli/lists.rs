//! Commands that print what emu knows: `profiles`, `calls`, `prototypes`, `schema`.

use std::io::{self, BufWriter, Write};

use clap::Parser;
use emu::profiles::{self, Profile};

use super::{Failure, values};

/// The operating systems and CPUs there are.
#[derive(Debug, Parser)]
#[command(name = "emu profiles")]
pub(super) struct Profiles {
    /// All releases of Windows.
    #[arg(long)]
    all: bool,
}

/// The system calls of a profile; without one, how many there are of each.
#[derive(Debug, Parser)]
#[command(name = "emu calls")]
pub(super) struct Calls {
    /// The profile.
    #[arg(value_parser = values::profile)]
    profile: Option<&'static Profile>,
}

/// The prototypes of a profile's system calls, `NUMBER RETTYPE NAME(ARGS);` a line.
#[derive(Debug, Parser)]
#[command(name = "emu prototypes", arg_required_else_help = true)]
pub(super) struct Prototypes {
    /// The profile.
    #[arg(value_parser = values::profile)]
    profile: &'static Profile,
}

/// The JSON Schema of the lines of --format json.
#[derive(Debug, Parser)]
#[command(name = "emu schema")]
pub(super) struct Schema {}

fn out() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Prints a row, the columns as wide as told.
fn row(out: &mut impl Write, widths: &[usize], cells: &[&str]) -> io::Result<()> {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(&format!("{cell:<width$}  "));
    }
    writeln!(out, "{}", line.trim_end())
}

fn table(out: &mut impl Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    for cells in rows {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        row(out, &widths, &cells)?;
    }
    Ok(())
}

/// `emu profiles`
pub(super) fn profiles(options: Profiles) -> Result<u8, Failure> {
    let mut rows = vec![
        ["PROFILE", "OS", "CPU", "BYTE ORDER", "ASKS BY", "CALLS"]
            .map(String::from)
            .to_vec(),
    ];
    let listed: Vec<_> = match options.all {
        true => profiles::all().collect(),
        false => profiles::usual().collect(),
    };
    for profile in listed {
        let cpu = profile.arch.row();
        let ways: Vec<_> = profile.entries.iter().map(|entry| entry.name).collect();
        rows.push(vec![
            profile.name.to_owned(),
            profile.system().os().name().to_owned(),
            format!("{}, {} bits", cpu.name, cpu.bits),
            format!("{:?}", cpu.endian).to_lowercase(),
            ways.join(", "),
            profile.system().table().rows.len().to_string(),
        ]);
    }
    let mut out = out();
    table(&mut out, &rows)?;
    out.flush()?;
    Ok(0)
}

/// What is known of a call.
struct Known {
    number: u32,
    name: &'static str,
    decoded: bool,
    served: bool,
    note: Option<&'static str>,
}

fn known(profile: &'static Profile) -> Vec<Known> {
    let system = profile.system();
    let rows = system.table().rows;
    let known = |row: &emu::prototypes::Row| {
        let info = system.info(row);
        let served = emu::kernel::served(profile, info);
        Known {
            number: row.number,
            name: row.name,
            decoded: emu::sink::decoded(info),
            served,
            note: emu::kernel::partial(info.name).filter(|_| served),
        }
    };
    rows.iter().map(known).collect()
}

/// How many calls are known, decoded, served, and of these in part.
fn counts(calls: &[Known]) -> [usize; 4] {
    let count = |which: fn(&&Known) -> bool| calls.iter().filter(which).count();
    [
        calls.len(),
        count(|call| call.decoded),
        count(|call| call.served),
        count(|call| call.note.is_some()),
    ]
}

/// `emu calls [PROFILE]`
pub(super) fn calls(options: Calls) -> Result<u8, Failure> {
    let mut out = out();
    let Some(profile) = options.profile else {
        let mut rows = vec![
            ["PROFILE", "KNOWN", "DECODED", "SERVED", "IN PART"]
                .map(String::from)
                .to_vec(),
        ];
        for profile in profiles::usual() {
            let mut row = vec![profile.name.to_owned()];
            row.extend(counts(&known(profile)).map(|count| count.to_string()));
            rows.push(row);
        }
        table(&mut out, &rows)?;
        out.flush()?;
        return Ok(0);
    };
    let calls = known(profile);
    let mut rows = vec![
        ["NUMBER", "NAME", "DECODED", "SERVED", "NOTE"]
            .map(String::from)
            .to_vec(),
    ];
    for call in &calls {
        let word = |yes: bool, no: &str| if yes { "yes".to_owned() } else { no.to_owned() };
        rows.push(vec![
            call.number.to_string(),
            call.name.to_owned(),
            word(call.decoded, "partly"),
            word(call.served, "-"),
            call.note.unwrap_or_default().to_owned(),
        ]);
    }
    table(&mut out, &rows)?;
    let [known, decoded, served, partly] = counts(&calls);
    writeln!(
        out,
        "\n{}: {known} calls known, {decoded} decoded, {served} served, {partly} of them in part",
        profile.name
    )?;
    out.flush()?;
    Ok(0)
}

/// `emu prototypes PROFILE`
pub(super) fn prototypes(options: Prototypes) -> Result<u8, Failure> {
    let mut out = out();
    write!(out, "{}", options.profile.system().classic())?;
    out.flush()?;
    Ok(0)
}

/// `emu schema`
pub(super) fn schema(_: Schema) -> Result<u8, Failure> {
    let mut out = out();
    out.write_all(emu::sink::json::SCHEMA.as_bytes())?;
    out.flush()?;
    Ok(0)
}
