//! Values of options: sizes, times, places, profiles.

use std::path::{Path, PathBuf};
use std::time::Duration;

use emu::Network;
use emu::kernel::net::Script;
use emu::kernel::vfs::Bind;
use emu::profiles::{self, Profile};
use emu::sink::Precision;
use emu::sink::filter::nearest;

/// A number, with `_` anywhere and in hexadecimal behind `0x`.
pub(super) fn number(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    value.map_err(|_| "expected a number, such as 42 or 0x2a".to_owned())
}

/// A number that is not 0.
pub(super) fn positive(text: &str) -> Result<u64, String> {
    number(text).and_then(|value| match value {
        0 => Err("expected a number greater than 0".to_owned()),
        _ => Ok(value),
    })
}

/// How exactly a time is told.
pub(super) fn precision(text: &str) -> Result<Precision, String> {
    Precision::parse(text).ok_or_else(|| "expected s, ms, us or ns".to_owned())
}

/// A size in bytes: `512M`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || "expected a size, such as 512M or 2G".to_owned();
    let upper = text.to_ascii_uppercase();
    let upper = upper.strip_suffix('B').unwrap_or(&upper);
    let upper = upper.strip_suffix('I').unwrap_or(upper);
    let (digits, shift) = match upper.chars().last() {
        Some('K') => (&upper[..upper.len() - 1], 10),
        Some('M') => (&upper[..upper.len() - 1], 20),
        Some('G') => (&upper[..upper.len() - 1], 30),
        _ => (upper, 0),
    };
    let value: u64 = digits.trim().parse().map_err(|_| wrong())?;
    value
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(wrong)
}

/// A time: `5`, `1.5s`, `200ms`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time, such as 5s, 200ms or 2m".to_owned();
    let (digits, unit) = match text.find(|c: char| c.is_ascii_alphabetic()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let factor = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let value: f64 = digits.trim().parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(value * factor).map_err(|_| wrong())
}

/// What is outside of the guest's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Net {
    None,
    Sink(Option<PathBuf>),
    Script(PathBuf, Option<PathBuf>),
    Host,
}

/// `none`, `sink`, `sink=DIR`, `script=FILE`, `script=FILE,DIR`, `host`.
pub(super) fn network(text: &str) -> Result<Net, String> {
    let (word, rest) = match text.split_once('=') {
        Some((word, rest)) => (word, Some(rest)),
        None => (text, None),
    };
    match (word, rest) {
        ("none", None) => Ok(Net::None),
        ("host", None) => Ok(Net::Host),
        ("sink", None) => Ok(Net::Sink(None)),
        ("sink", Some(path)) if !path.is_empty() => Ok(Net::Sink(Some(path.into()))),
        ("script", Some(paths)) if !paths.is_empty() => Ok(match paths.split_once(',') {
            Some((file, folder)) => Net::Script(file.into(), Some(folder.into())),
            None => Net::Script(paths.into(), None),
        }),
        _ => Err("expected none, sink, sink=DIR, script=FILE, script=FILE,DIR or host".to_owned()),
    }
}

impl Net {
    /// The same, with the script read.
    pub(super) fn open(self) -> Result<Network, emu::Error> {
        Ok(match self {
            Net::None => Network::None,
            Net::Host => Network::Host,
            Net::Sink(path) => Network::Sink(path),
            Net::Script(path, folder) => {
                let shown = path.display().to_string();
                let text =
                    std::fs::read_to_string(&path).map_err(|e| emu::Error::io(shown.clone(), e))?;
                let script = Script::parse(&text)
                    .map_err(|what| emu::Error::Usage(format!("--net script={shown}: {what}")))?;
                Network::Script(script, folder)
            }
        })
    }
}

/// A profile by its name, or by the file or directory that describes a user's own.
pub(super) fn profile(name: &str) -> Result<&'static Profile, String> {
    let path = Path::new(name);
    if name.ends_with(".toml") || (profiles::by_name(name).is_none() && path.is_dir()) {
        return profiles::own::load(path).map_err(|error| error.to_string());
    }
    profiles::by_name(name).ok_or_else(|| {
        if let Some((_, reason)) = profiles::REFUSED.iter().find(|(other, _)| *other == name) {
            return format!("{name} is refused: {reason}");
        }
        let names: Vec<_> = profiles::all().map(|profile| profile.name).collect();
        let hint = nearest(name, names.into_iter());
        let hint = if hint.is_empty() {
            ". `emu profiles --all` lists them".to_owned()
        } else {
            hint
        };
        format!("there is no profile `{name}`{hint}")
    })
}

/// `HOST:GUEST` or `HOST:GUEST:rw`.
pub(super) fn bind(text: &str) -> Result<Bind, String> {
    let (places, write) = match text.rsplit_once(':') {
        Some((places, "rw")) => (places, true),
        Some((places, "ro")) => (places, false),
        _ => (text, false),
    };
    let (host, guest) = match places.rsplit_once(':') {
        Some((host, guest)) => (host, guest),
        None => (places, places),
    };
    if host.is_empty() || !guest.starts_with('/') {
        return Err("expected HOST:GUEST or HOST:GUEST:rw, GUEST an absolute path".to_owned());
    }
    Ok(Bind {
        host: PathBuf::from(host),
        guest: guest.as_bytes().to_vec(),
        write,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("512M"), Ok(512 << 20));
        assert_eq!(size("2g"), Ok(2 << 30));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        assert!(size("0").is_err() && size("M").is_err() && size("99999999999G").is_err());
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("-1").is_err() && duration("5x").is_err() && duration("").is_err());
        assert_eq!(number("1_000_000"), Ok(1_000_000));
        assert_eq!(number("0xff"), Ok(255));
    }

    #[test]
    fn a_bind_names_two_places() {
        let bind = |text| bind(text).map(|bind| (bind.host, bind.guest, bind.write));
        assert_eq!(bind("/a:/b"), Ok(("/a".into(), b"/b".to_vec(), false)));
        assert_eq!(bind("a:b:/c:rw"), Ok(("a:b".into(), b"/c".to_vec(), true)));
        assert_eq!(bind("/a"), Ok(("/a".into(), b"/a".to_vec(), false)));
        assert_eq!(bind("/a:rw"), Ok(("/a".into(), b"/a".to_vec(), true)));
        assert!(bind("/a:b").is_err() && bind(":/b").is_err());
    }

    #[test]
    fn a_network_has_a_word_and_places() {
        assert_eq!(network("sink=a"), Ok(Net::Sink(Some("a".into()))));
        assert_eq!(
            network("script=a,b"),
            Ok(Net::Script("a".into(), Some("b".into())))
        );
        for wrong in ["", "sink=", "script", "host=x", "internet"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_profile_gets_the_nearest() {
        let error = profile("linux_amr").map(|profile| profile.name);
        assert_eq!(
            error,
            Err("there is no profile `linux_amr`. Did you mean `linux_arm`?".into())
        );
    }
}
