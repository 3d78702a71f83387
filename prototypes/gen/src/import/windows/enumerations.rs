//! Names of the values of enumerations, from headers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::{ImportError, read};
use super::headers::{blank_comments, headers};

/// What `enumerations.txt` begins with.
const HEAD: &str = "# Names of the values of enumerations that arguments of calls have for types. Made by\n\
    # `emu-prototypes-gen import windows --headers`, from the headers of the crate phnt and of mingw-w64.\n";

/// `enumerations.txt` from the headers of `places`: the enumerations that `signatures` have for types. Of several with a name
/// that of the earliest place counts.
pub fn enumerations(places: &[PathBuf], signatures: &str) -> Result<String, ImportError> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let wanted: Vec<&str> = signatures
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(|c| !is_word(c)))
        .collect();
    let mut found: BTreeMap<String, Values> = BTreeMap::new();
    for place in places {
        for file in headers(place)? {
            for (names, values) in parse(&read(&file)?) {
                for name in names
                    .into_iter()
                    .filter(|name| wanted.contains(&name.as_str()))
                {
                    found.entry(name).or_insert_with(|| values.clone());
                }
            }
        }
    }
    let mut text = HEAD.to_owned();
    for (name, values) in found {
        write!(text, "\n[{name}]\n").expect("writing to a string does not fail");
        for (name, value) in values {
            writeln!(text, "{name} = {value}").expect("writing to a string does not fail");
        }
    }
    Ok(text)
}

/// Values with their names.
type Values = Vec<(String, u32)>;

/// The enumerations of a header: the names of each, and its values.
fn parse(source: &str) -> Vec<(Vec<String>, Values)> {
    let source = blank_comments(source);
    let mut all = Vec::new();
    for part in source.split("typedef enum").skip(1) {
        let body = part
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let Some((body, rest)) = body else {
            continue;
        };
        let names = rest.split(';').next().unwrap_or_default().split(',');
        let names = names.map(str::trim);
        let names = names.filter(|name| !name.is_empty() && !name.starts_with("*"));
        all.push((names.map(str::to_owned).collect(), values(body)));
    }
    all
}

/// The values of a body. Those that end an enumeration, and those that can't be read, have no line; of several names of a
/// value the first one does.
fn values(body: &str) -> Values {
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    let mut all: Values = Vec::new();
    let mut next = Some(0);
    for item in body
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name.trim(), evaluate(value, &known)),
            None => (item, next),
        };
        next = value.map(|value| value.wrapping_add(1));
        let Some(value) = value else {
            continue;
        };
        known.insert(name.to_owned(), value);
        let ends =
            name.starts_with("Max") || name.ends_with("Maximum") || name.ends_with("MaxEnum");
        if !ends && all.iter().all(|(_, other)| *other != value) {
            all.push((name.to_owned(), value));
        }
    }
    all
}

/// A number, a name from before, or a sum of such.
fn evaluate(text: &str, known: &BTreeMap<String, u32>) -> Option<u32> {
    let mut sum = 0u32;
    for part in text.split('+').map(str::trim) {
        let digits = part.trim_end_matches(['U', 'L', 'u', 'l']);
        let value = match digits.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        };
        sum = sum.wrapping_add(value.or_else(|| known.get(part).copied())?);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_count_on_from_what_is_said() {
        let source = "typedef enum _KIND\n{\n    KindA, // q: nothing, really\n    KindB = 0x10,\n    KindC,\n    \
                      KindAlso = KindB,\n    KindD = KindC + 2,\n    MaxKind\n} KIND, *PKIND;\n";
        let all = parse(source);
        let (names, values) = &all[0];
        assert_eq!(names, &["KIND"]);
        let told: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        assert_eq!(
            told,
            [("KindA", 0), ("KindB", 16), ("KindC", 17), ("KindD", 19)]
        );
    }
}
