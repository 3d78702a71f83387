//! How do the imported facts read as texts?

use std::collections::BTreeMap;
use std::fmt::Write;

use super::identities::{Call, Calls, Identities};
use crate::declaration::{Declaration, Error, Param, Params};
use crate::numbers::{self, Number};

/// Writes `signatures.txt` and a number table per profile. Fails on a difference between two profiles that nobody listed.
pub(super) fn write(
    version: &str,
    profiles: &[Calls],
    identities: &Identities,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut errors = Vec::new();
    let signatures = signatures(profiles, identities, &mut errors);
    let mut texts = BTreeMap::new();
    let mut text = format!(
        "# Every system call of Linux {version}, once. Made by `emu-prototypes-gen import` from SYSCALL_DEFINEn;\n\
         # names and differences of ABIs: identities.txt.\n"
    );
    for signature in signatures.values() {
        writeln!(text, "{signature}").expect("writing to a string does not fail");
    }
    texts.insert("signatures.txt".to_owned(), text);
    for calls in profiles {
        let mut text = format!(
            "# Numbers of {} in Linux {version}. Made by `emu-prototypes-gen import` from the kernel's table.\n\
             # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.\n",
            calls.profile.full_name()
        );
        for call in &calls.calls {
            let signature = &signatures[&call.call];
            let number = Number {
                number: call.row.number,
                name: call.row.name.clone(),
                entry: call.row.entry.clone(),
                call: call.call.clone(),
                params: variant(calls, call, signature, identities, &mut errors),
                line: 0,
            };
            writeln!(text, "{number}").expect("writing to a string does not fail");
        }
        texts.insert(format!("{}.txt", calls.profile.full_name()), text);
    }
    errors.extend(identities.unused());
    if errors.is_empty() {
        Ok(texts)
    } else {
        Err(errors)
    }
}

fn signatures(
    profiles: &[Calls],
    identities: &Identities,
    errors: &mut Vec<String>,
) -> BTreeMap<String, Declaration> {
    let mut signatures: BTreeMap<String, (Declaration, bool)> = BTreeMap::new();
    for calls in profiles {
        for call in &calls.calls {
            let chosen = match identities.from(&call.call) {
                Some((profile, _)) => profile == calls.profile.name,
                // Its own name before one that it only stands for.
                None => call.row.name == call.call,
            };
            let there = signatures.get(&call.call);
            if there.is_none_or(|(_, final_)| chosen && !final_) {
                let declaration = Declaration {
                    ret: call.definition.ret.clone(),
                    name: call.call.clone(),
                    params: call.definition.params.clone(),
                    variadic: false,
                    line: 0,
                };
                signatures.insert(call.call.clone(), (declaration, chosen));
            }
        }
    }
    for (name, (_, chosen)) in &signatures {
        if let (false, Some((profile, line))) = (chosen, identities.from(name)) {
            let message =
                format!("expected `{name}` in {profile}, whose signature it has, found none");
            errors.push(identities.error(line, message));
        }
    }
    signatures
        .into_iter()
        .map(|(name, (declaration, _))| (name, declaration))
        .collect()
}

/// What a profile's call takes, when that is not what the signature says.
fn variant(
    calls: &Calls,
    call: &Call,
    signature: &Declaration,
    identities: &Identities,
    errors: &mut Vec<String>,
) -> Option<Vec<Param>> {
    let params = &call.definition.params;
    if *params == signature.params {
        return None;
    }
    let (file, line) = &call.definition.at;
    let mut error = |message: String| errors.push(Error::new(file, *line, message).to_string());
    let alike = params.len() == signature.params.len()
        && params.iter().zip(&signature.params).all(|(mine, theirs)| {
            mine.name == theirs.name && identities.same(&mine.ty, &theirs.ty)
        });
    // A compat function is its native namesake in the types of 32-bit programs.   [include/linux/compat.h]
    let compat =
        call.row.entry.starts_with("compat_sys_") && params.len() == signature.params.len();
    if !alike && !compat && !identities.differs(&call.call, calls.profile.name) {
        error(format!(
            "expected `{}` of {} to take ({}), found ({}); identities.txt says nothing about it",
            call.call,
            calls.profile.full_name(),
            Params {
                params: &signature.params,
                variadic: false
            },
            Params {
                params,
                variadic: false
            }
        ));
    } else if let Err(message) = numbers::places(&signature.params, params) {
        error(message);
    }
    Some(params.clone())
}
