//! Which ends of calls are shown: -z, -Z, -e status=.

use super::{lines, names};

#[test]
fn calls_are_picked_by_how_they_end() {
    let guest = "freebsd_x64/errno.elf";
    let all = ["pipe2", "read", "mkdir", "mkdir", "rmdir", "exit"];
    assert_eq!(names(&lines(&[], guest)), all);
    assert_eq!(names(&lines(&["-z"], guest)), ["pipe2", "mkdir", "mkdir"]);
    assert_eq!(
        names(&lines(&["-e", "status=successful"], guest)),
        ["pipe2", "mkdir", "mkdir"]
    );
    assert_eq!(names(&lines(&["-Z"], guest)), ["read", "rmdir"]);
    assert_eq!(names(&lines(&["-e", "status=unfinished"], guest)), ["exit"]);
    assert_eq!(
        names(&lines(
            &["-e", "status=!failed", "-e", "mkdir,rmdir"],
            guest
        )),
        ["mkdir", "mkdir"]
    );
    let wrong = lines(&["-e", "status=fialed"], guest);
    assert_eq!(
        wrong,
        ["emu: -e status: there is no status `fialed`. Did you mean `failed`?"]
    );
}

/// A status of Windows says by itself whether it is an error.
#[test]
fn a_status_of_windows_is_an_error_or_none() {
    let guest = "windows_7_x64/error.exe";
    let failed = lines(&["--profile", "windows_7_x64", "-Z"], guest);
    let all = lines(&["--profile", "windows_7_x64"], guest);
    assert!(
        !names(&failed).is_empty() && names(&failed).len() < names(&all).len(),
        "{failed:?}"
    );
    assert!(
        failed
            .iter()
            .filter(|line| line.contains('('))
            .all(|line| line.contains("STATUS_"))
    );
}

/// With a status asked for, a call that others interrupt is told in one line when it has ended.
#[test]
fn a_call_that_is_interrupted_stays_in_one_line() {
    let shown = lines(&["-z", "-e", "fork,wait4"], "freebsd_x64/fork.elf");
    let calls: Vec<_> = shown.iter().filter(|line| line.contains("wait4")).collect();
    assert_eq!(
        calls,
        ["wait4(1001, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 1001"]
    );
}
