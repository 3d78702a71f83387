//! What does a served call leave out?

/// `NAME: note` lines; comments begin with `#`.
const TEXT: &str = include_str!("linux/partial.txt");

/// All notes, with the names of their calls.
fn notes() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
}

/// What a call that is served only in part leaves out. A variant for wider times or offsets has its plain form's note.
pub fn partial(name: &str) -> Option<&'static str> {
    let plain = ["_time64", "64"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    notes()
        .find(|(of, _)| *of == name || *of == plain)
        .map(|(_, note)| note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::served;

    #[test]
    fn a_note_is_of_a_call_that_is_served() {
        for (name, note) in notes() {
            assert!(!note.is_empty());
            let info = emu_prototypes::linux::by_name(name);
            let info = info.unwrap_or_else(|| panic!("{name} is no call"));
            let somewhere = emu_profiles::ALL
                .iter()
                .any(|profile| served(profile, info));
            assert!(somewhere, "{name} is not served");
        }
        let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), notes().count(), "each line is a note");
    }

    #[test]
    fn wider_forms_share_a_note() {
        assert_eq!(partial("clock_settime64"), partial("clock_settime"));
        assert_eq!(partial("getpid"), None);
    }
}
