//! Options for how much of a call is shown, and in which form.

use clap::{ArgAction, Args, ValueEnum};
use emu::prototypes::CallInfo;
use emu::sink::{Constants, DEFAULT_LIMIT, Descriptors, Dumps, Filter, Numbers, Settings, Strings};

/// How calls are shown.
#[derive(Debug, Args)]
pub(super) struct Depth {
    /// How many bytes of a string, and elements of an array, are shown.
    #[arg(short, long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    string_limit: usize,

    /// Tells what descriptors are open on: `3</etc/passwd>`; twice for more: `3</dev/null<char 1:3>>`,
    /// `4<TCP:[127.0.0.1:80]>`.
    #[arg(short = 'y', long, action = ArgAction::Count)]
    decode_fds: u8,

    /// Structures with all their fields, arrays with all their elements, environments: -e abbrev=none.
    #[arg(short = 'v', long)]
    no_abbrev: bool,

    /// The same as -e abbrev=SET.
    #[arg(long, value_name = "SET")]
    abbrev: Option<String>,

    /// The same as -e raw=SET.
    #[arg(long, value_name = "SET")]
    raw: Option<String>,

    /// The same as -e read=FDS.
    #[arg(long, value_name = "FDS")]
    read: Option<String>,

    /// The same as -e write=FDS.
    #[arg(long, value_name = "FDS")]
    write: Option<String>,

    /// Strings that are not ASCII in hexadecimal; twice: all strings.
    #[arg(short = 'x', action = ArgAction::Count, conflicts_with = "strings_in_hex")]
    hex: u8,

    /// Which strings are in hexadecimal: all, without a word.
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    strings_in_hex: Option<Hex>,

    /// Flags and values as names, numbers, or both.
    #[arg(short = 'X', long, value_enum, value_name = "STYLE", default_value_t = Style::Abbrev)]
    const_print_style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hex {
    /// Those that are not ASCII.
    NonAscii,
    /// Of all strings the bytes that are not ASCII.
    NonAsciiChars,
    /// All.
    All,
    /// None.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// Numbers: `0x2`.
    Raw,
    /// Names: `O_RDWR`.
    Abbrev,
    /// Both: `0x2 /* O_RDWR */`.
    Verbose,
}

impl Depth {
    /// How many bytes of a string are shown.
    pub(super) fn limit(&self) -> usize {
        self.string_limit
    }

    /// What the options ask for.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = Settings::from(self.string_limit);
        settings.descriptors = match self.decode_fds {
            0 => Descriptors::Numbers,
            1 => Descriptors::Paths,
            _ => Descriptors::Details,
        };
        settings.strings = match (self.strings_in_hex, self.hex) {
            (Some(Hex::NonAscii), _) | (None, 1) => Strings::NonAscii,
            (Some(Hex::NonAsciiChars), _) => Strings::NonAsciiBytes,
            (Some(Hex::None), _) | (None, 0) => Strings::Octal,
            (Some(Hex::All), _) | (None, _) => Strings::Hex,
        };
        settings.constants = match self.const_print_style {
            Style::Raw => Constants::Numbers,
            Style::Abbrev => Constants::Names,
            Style::Verbose => Constants::Both,
        };
        if self.no_abbrev {
            settings.abbreviated = Filter::none();
        }
        settings
    }

    /// The sets that have options of their own, as `-e` takes them.
    pub(super) fn sets(&self) -> impl Iterator<Item = String> {
        let all = [
            ("abbrev", &self.abbrev),
            ("raw", &self.raw),
            ("read", &self.read),
            ("write", &self.write),
        ];
        all.into_iter()
            .filter_map(|(kind, set)| Some(format!("{kind}={}", set.as_ref()?)))
    }
}

/// What [`expression`] takes.
const KINDS: [&str; 11] = [
    "abbrev", "a", "verbose", "v", "raw", "x", "read", "reads", "r", "write", "writes",
];

/// Whether an expression says how calls are shown.
pub(super) fn is(text: &str) -> bool {
    let kind = text.split_once('=').map(|(kind, _)| kind);
    kind.is_some_and(|kind| kind == "w" || KINDS.contains(&kind))
}

/// Takes `abbrev=SET` and its like. False for what is none of them.
pub(super) fn expression(
    text: &str,
    settings: &mut Settings,
    dumps: &mut Dumps,
    own: &'static [CallInfo],
) -> Result<bool, String> {
    let Some((kind, set)) = text.split_once('=') else {
        return Ok(false);
    };
    let calls = |kind: &str| Filter::parse_set(kind, set, own);
    match kind {
        "abbrev" | "a" => settings.abbreviated = calls("abbrev")?,
        "verbose" | "v" => settings.looked_into = calls("verbose")?,
        "raw" | "x" => settings.raw = calls("raw")?,
        "read" | "reads" | "r" => dumps.read = Numbers::parse("read", set)?,
        "write" | "writes" | "w" => dumps.written = Numbers::parse("write", set)?,
        _ => return Ok(false),
    }
    Ok(true)
}
