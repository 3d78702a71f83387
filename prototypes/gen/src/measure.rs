//! What do the compilers of all ABIs say of an OS's constants and structures?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::abis::{self, Of};
use crate::compiler::Compiler;
use crate::constants::{self, Values};
use crate::declaration::{self, Error};
use crate::structs::measure as layout;

/// Reads a text.
fn text(dir: &Path, name: &str) -> Result<String, String> {
    let path = dir.join(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn told(errors: Vec<Error>) -> String {
    errors
        .iter()
        .map(Error::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Asks the compiler of each ABI that `compilers.list` names.
fn each<T>(dir: &Path, ask: impl Fn(&Compiler) -> Result<T, String>) -> Result<Vec<Of<T>>, String> {
    let abis = abis::parse("abis.txt", &text(dir, "abis.txt")?).map_err(told)?;
    let list = text(dir, "compilers.list")?;
    let mut all = Vec::new();
    for (line, source) in
        declaration::lines("compilers.list", &list).map_err(|error| error.to_string())?
    {
        let wrong = |message: String| Error::new("compilers.list", line, message).to_string();
        let (abi, command) = source
            .split_once(char::is_whitespace)
            .ok_or_else(|| wrong(format!("expected `ABI COMMAND`, found `{source}`")))?;
        let known = abis
            .iter()
            .find(|known| known.name == abi)
            .ok_or_else(|| wrong(format!("expected an ABI of abis.txt, found `{abi}`")))?;
        let facts = Compiler::new(command)
            .and_then(|compiler| ask(&compiler))
            .map_err(|message| format!("{abi}: {message}"))?;
        all.push(Of {
            abi: abi.to_owned(),
            like: known.like.clone(),
            facts,
        });
    }
    Ok(all)
}

/// The lines of comment at the top of a text, which are kept.
fn head(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines
        .map(|line| line.trim_start())
        .collect::<Vec<_>>()
        .join("\n")
}

/// `structs.txt`, from `structs.h` and `structs.list`.
pub fn structs(dir: &Path) -> Result<String, String> {
    let wanted = layout::list("structs.list", &text(dir, "structs.list")?)
        .map_err(|error| error.to_string())?;
    let prelude = text(dir, "structs.h")?;
    let all = each(dir, |compiler| layout::measure(compiler, &prelude, &wanted))?;
    Ok(layout::print(
        &head(&text(dir, "structs.txt")?),
        &wanted,
        &all,
    ))
}

/// The headings of the names in `constants.txt`.
fn headings(now: &str) -> Result<BTreeMap<String, String>, String> {
    let known = constants::parse("constants.txt", now).map_err(told)?;
    Ok(known
        .into_iter()
        .map(|constant| (constant.name, constant.group))
        .collect())
}

/// `constants.txt` with the values that the compilers know for the names it has. A new name is written there by hand,
/// without a value (`NAME<TAB>-`).
pub fn constants(dir: &Path) -> Result<String, String> {
    let now = text(dir, "constants.txt")?;
    let headings = headings(&now)?;
    let preludes = [text(dir, "constants.h")?, text(dir, "constants_libc.h")?];
    let preludes = [preludes[0].as_str(), preludes[1].as_str()];
    let all = each(dir, |compiler| {
        constants::measure(compiler, &preludes, headings.keys())
    })?;
    for name in headings.keys() {
        if !all.iter().any(|of| of.facts.contains_key(name)) {
            return Err(format!(
                "expected a value of `{name}` on some ABI, found none"
            ));
        }
    }
    Ok(constants::print(&head(&now), &headings, &all))
}

/// `constants.txt` from tables of single ABIs, each `ABI=FILE`: `GROUP<TAB>NAME<TAB>VALUE` a line. Groups named in
/// `without` are left out; names that `constants.txt` has keep their headings.
pub fn merge(dir: &Path, tables: &[String], without: &[String]) -> Result<String, String> {
    let abis = abis::parse("abis.txt", &text(dir, "abis.txt")?).map_err(told)?;
    let now = text(dir, "constants.txt")?;
    let mut headings = headings(&now)?;
    let mut all: Vec<Of<Values>> = Vec::new();
    for table in tables {
        let (abi, file) = table
            .split_once('=')
            .ok_or_else(|| format!("expected `ABI=FILE`, found `{table}`"))?;
        let known = abis
            .iter()
            .find(|known| known.name == abi)
            .ok_or_else(|| format!("expected an ABI of abis.txt, found `{abi}`"))?;
        let source = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let values = constants::parse_table(file, &source, without, &mut headings)
            .map_err(|error| error.to_string())?;
        match all.iter_mut().find(|of| of.abi == abi) {
            Some(of) => of.facts.extend(values),
            None => all.push(Of {
                abi: abi.to_owned(),
                like: known.like.clone(),
                facts: values,
            }),
        }
    }
    headings.retain(|name, _| all.iter().any(|of| of.facts.contains_key(name)));
    Ok(constants::print(&head(&now), &headings, &all))
}
