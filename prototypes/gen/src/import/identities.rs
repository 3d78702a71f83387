//! Which calls of two ABIs are the same call?
//!
//! A call is known by its ABI's name for it, so that a callback on `Nanosleep` hears ARM's as well as x86-64's. What can't be
//! told from names is listed by hand, each line with its reason:
//!
//! ```text
//! call x86 mmap old_mmap             # this ABI's `mmap` is another call, or another name of one
//! from clone arm64                   # the signature is that profile's, not the first one's
//! same struct old_timespec32 / struct __kernel_timespec    # types that stand for each other; the ABI says how they look
//! differs pipe mips                  # parameters of other names or types, in another order, or fewer
//! alias arm sys_mmap2 sys_mmap_pgoff # an entry point in assembly and the C function it goes to
//! entry mips long sys_syscall(long number);                # an entry point without a C definition
//! dead arm sys_map_shadow_stack      # the table names it, but this kernel has no such function
//! ```

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::definitions::{Definition, Definitions};
use super::facts::{check_profile, with_reason};
use super::profile::Profile;
use super::table::Row;
use crate::declaration::{self, Declaration, Error, Params, Type};
use crate::nearest::did_you_mean;

/// The hand-kept list.
#[derive(Debug, Default)]
pub struct Identities {
    file: String,
    rules: Vec<(usize, Rule)>,
    /// Lines that were of use.
    used: RefCell<BTreeSet<usize>>,
}

#[derive(Debug)]
enum Rule {
    Call {
        profiles: Vec<String>,
        name: String,
        call: String,
    },
    From {
        call: String,
        profile: String,
    },
    Same {
        types: Vec<String>,
    },
    Differs {
        call: String,
        profiles: Vec<String>,
    },
    Alias {
        profiles: Vec<String>,
        entry: String,
        target: String,
    },
    Entry {
        profiles: Vec<String>,
        declaration: Declaration,
    },
    Dead {
        profiles: Vec<String>,
        entry: String,
    },
}

/// A live number and what it takes.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) row: Row,
    /// The name of its signature.
    pub(super) call: String,
    pub(super) definition: Definition,
}

/// All calls of a profile.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) profile: Profile,
    pub(super) calls: Vec<Call>,
}

impl Identities {
    /// Parses `identities.txt`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let mut identities = Identities {
            file: file.to_owned(),
            ..Identities::default()
        };
        for (at, source) in text.lines().enumerate() {
            let error = |message: String| Error::new(file, at + 1, message);
            let Some((what, _reason)) = with_reason(source).map_err(error)? else {
                continue;
            };
            identities.rules.push((at + 1, rule(what).map_err(error)?));
        }
        Ok(identities)
    }

    /// The first rule that `of` picks; it counts as used.
    fn pick<'a, T>(&'a self, of: impl Fn(&'a Rule) -> Option<T>) -> Option<T> {
        let (line, found) = self
            .rules
            .iter()
            .find_map(|(line, rule)| Some((*line, of(rule)?)))?;
        self.used.borrow_mut().insert(line);
        Some(found)
    }

    /// Lines that nothing needed. Entry points come and go with kernel versions; what is said of one that isn't there does
    /// no harm.
    pub(super) fn unused(&self) -> Vec<String> {
        let used = self.used.borrow();
        let unused = self.rules.iter().filter(|(line, rule)| {
            !matches!(
                rule,
                Rule::Alias { .. } | Rule::Entry { .. } | Rule::Dead { .. }
            ) && !used.contains(line)
        });
        unused
            .map(|(line, _)| {
                self.error(
                    *line,
                    "expected a line that is needed, found one that is not",
                )
            })
            .collect()
    }

    /// An error at a line of the list.
    pub(super) fn error(&self, line: usize, message: impl Into<String>) -> String {
        Error::new(&self.file, line, message).to_string()
    }

    /// The profile whose signature is that of a call, and the line that says so.
    pub(super) fn from(&self, call: &str) -> Option<(&str, usize)> {
        let (line, profile) = self.rules.iter().find_map(|(line, rule)| match rule {
            Rule::From {
                call: other,
                profile,
            } if other == call => Some((*line, profile)),
            _ => None,
        })?;
        self.used.borrow_mut().insert(line);
        Some((profile, line))
    }

    /// Whether a call is listed as taking something else on a profile.
    pub(super) fn differs(&self, call: &str, profile: &str) -> bool {
        self.pick(|rule| match rule {
            Rule::Differs {
                call: other,
                profiles,
            } if other == call => profiles.iter().any(|other| other == profile).then_some(()),
            _ => None,
        })
        .is_some()
    }

    /// Whether one type stands for the other.
    pub(super) fn same(&self, a: &Type, b: &Type) -> bool {
        let kind = |ty: &Type| (ty.base.clone(), ty.pointers.len());
        if kind(a) == kind(b) {
            return true;
        }
        // `struct sel_arg_struct *` may stand in a rule, and so may `struct sel_arg_struct` for any pointer to it.
        a.pointers.len() == b.pointers.len()
            && self
                .pick(|rule| match rule {
                    Rule::Same { types } => {
                        (types.contains(&a.base) && types.contains(&b.base)).then_some(())
                    }
                    _ => None,
                })
                .is_some()
    }

    /// Finds out what each number takes. What is wrong goes to `errors`.
    pub(super) fn resolve(
        &self,
        profile: &Profile,
        rows: Vec<Row>,
        definitions: &Definitions,
        errors: &mut Vec<String>,
    ) -> Calls {
        let mut calls = Vec::new();
        for row in rows {
            let dead = self.pick(|rule| match rule {
                Rule::Dead { profiles, entry }
                    if *entry == row.entry && profiles.iter().any(|p| p == profile.name) =>
                {
                    Some(())
                }
                _ => None,
            });
            if dead.is_some() {
                continue;
            }
            match self.definition(profile, &row, definitions) {
                Ok(definition) => {
                    let call = self.pick(|rule| match rule {
                        Rule::Call {
                            profiles,
                            name,
                            call,
                        } if *name == row.name && profiles.iter().any(|p| p == profile.name) => {
                            Some(call.clone())
                        }
                        _ => None,
                    });
                    let call = call.unwrap_or_else(|| row.name.clone());
                    calls.push(Call {
                        row,
                        call,
                        definition,
                    });
                }
                Err(message) => {
                    let (file, line) = &row.at;
                    errors.push(Error::new(file, *line, message).to_string());
                }
            }
        }
        Calls {
            profile: *profile,
            calls,
        }
    }

    fn definition(
        &self,
        profile: &Profile,
        row: &Row,
        definitions: &Definitions,
    ) -> Result<Definition, String> {
        let mine = |profiles: &[String]| profiles.iter().any(|name| name == profile.name);
        let by_hand = self.pick(|rule| match rule {
            Rule::Entry {
                profiles,
                declaration,
            } if mine(profiles) && declaration.name == row.entry => Some(declaration),
            _ => None,
        });
        if let Some(declaration) = by_hand {
            return Ok(Definition {
                ret: declaration.ret.clone(),
                params: declaration.params.clone(),
                at: row.at.clone(),
                arch: true,
                unknown: Vec::new(),
            });
        }
        let target = self.pick(|rule| match rule {
            Rule::Alias {
                profiles,
                entry,
                target,
            } if mine(profiles) && *entry == row.entry => Some(target.as_str()),
            _ => None,
        });
        let entry = target.unwrap_or(&row.entry);
        let found = choose(profile, row, entry, definitions)?;
        if target.is_some() && definitions.contains_key(&row.entry) {
            // A wrapper that puts halves together passes on as many words as it takes.
            let wrapper = choose(profile, row, &row.entry, definitions)?;
            if words(wrapper) != words(found) {
                return Err(format!(
                    "expected `{}` and `{entry}` to take as many words, found ({}) and ({})",
                    row.entry,
                    Params {
                        params: &wrapper.params,
                        variadic: false
                    },
                    Params {
                        params: &found.params,
                        variadic: false
                    }
                ));
            }
        }
        Ok(found.clone())
    }
}

/// How many 32-bit words a definition takes.
fn words(definition: &Definition) -> usize {
    let wide = |ty: &Type| {
        ty.pointers.is_empty()
            && matches!(
                ty.base.as_str(),
                "loff_t" | "u64" | "__u64" | "long long" | "unsigned long long"
            )
    };
    definition
        .params
        .iter()
        .map(|param| if wide(&param.ty) { 2 } else { 1 })
        .sum()
}

/// The one definition of an entry point that this profile's kernel has: the architecture's own before others.
fn choose<'a>(
    profile: &Profile,
    row: &Row,
    entry: &str,
    definitions: &'a Definitions,
) -> Result<&'a Definition, String> {
    let Some(all) = definitions.get(entry) else {
        let known = definitions.keys().map(String::as_str);
        let mut known: Vec<&str> = known.collect();
        known.sort();
        return Err(format!(
            "expected a definition of `{entry}` for number {} (`{}`) of {}, found none{}",
            row.number,
            row.name,
            profile.full_name(),
            did_you_mean(entry, known)
        ));
    };
    let own = all.iter().any(|definition| definition.arch);
    let mut candidates = all.iter().filter(|definition| definition.arch == own);
    let first = candidates
        .next()
        .expect("an entry point is there because it has a definition");
    for other in candidates {
        if other.params != first.params {
            let mut unknown = [first.unknown.clone(), other.unknown.clone()].concat();
            unknown.sort();
            unknown.dedup();
            let place = |definition: &Definition| {
                format!(
                    "({}) at {}:{}",
                    Params {
                        params: &definition.params,
                        variadic: false
                    },
                    definition.at.0,
                    definition.at.1
                )
            };
            return Err(format!(
                "expected one definition of `{entry}` for {}, found {} and {}; nothing is known of {}",
                profile.full_name(),
                place(first),
                place(other),
                if unknown.is_empty() {
                    "any difference".to_owned()
                } else {
                    unknown.join(", ")
                }
            ));
        }
    }
    Ok(first)
}

fn rule(what: &str) -> Result<Rule, String> {
    let (kind, rest) = what.split_once(char::is_whitespace).unwrap_or((what, ""));
    let rest = rest.trim();
    let words: Vec<&str> = rest.split_whitespace().collect();
    let wanted = |form: &str| format!("expected `{kind} {form}`, found `{what}`");
    match (kind, &words[..]) {
        ("call", [profiles, name, call]) => Ok(Rule::Call {
            profiles: profiles_of(profiles)?,
            name: (*name).to_owned(),
            call: (*call).to_owned(),
        }),
        ("call", _) => Err(wanted("PROFILE,… NAME CALL")),
        ("from", [call, profile]) => {
            check_profile(profile)?;
            Ok(Rule::From {
                call: (*call).to_owned(),
                profile: (*profile).to_owned(),
            })
        }
        ("from", _) => Err(wanted("CALL PROFILE")),
        ("same", [_, _, ..]) => {
            let types = rest
                .split('/')
                .map(|ty| Ok(declaration::parse_type(ty)?.base));
            Ok(Rule::Same {
                types: types.collect::<Result<_, String>>()?,
            })
        }
        ("same", _) => Err(wanted("TYPE / TYPE …")),
        ("differs", [call, profiles]) => Ok(Rule::Differs {
            call: (*call).to_owned(),
            profiles: profiles_of(profiles)?,
        }),
        ("differs", _) => Err(wanted("CALL PROFILE,…")),
        ("alias", [profiles, entry, target]) => Ok(Rule::Alias {
            profiles: profiles_of(profiles)?,
            entry: (*entry).to_owned(),
            target: (*target).to_owned(),
        }),
        ("alias", _) => Err(wanted("PROFILE,… ENTRY TARGET")),
        ("entry", [profiles, _, ..]) => {
            let declaration = rest[profiles.len()..].trim();
            Ok(Rule::Entry {
                profiles: profiles_of(profiles)?,
                declaration: declaration::parse_declaration(declaration)?,
            })
        }
        ("dead", [profiles, entry]) => Ok(Rule::Dead {
            profiles: profiles_of(profiles)?,
            entry: (*entry).to_owned(),
        }),
        ("dead", _) => Err(wanted("PROFILE,… ENTRY")),
        ("entry", _) => Err(wanted("PROFILE,… DECLARATION;")),
        _ => {
            let known = ["call", "from", "same", "differs", "alias", "entry", "dead"];
            Err(format!(
                "expected one of {}, found `{kind}`{}",
                known.join(", "),
                did_you_mean(kind, known)
            ))
        }
    }
}

fn profiles_of(names: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = names.split(',').map(str::to_owned).collect();
    names.iter().try_for_each(|name| check_profile(name))?;
    Ok(names)
}
