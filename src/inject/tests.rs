use super::{Rules, When, parse};

fn wrong(text: &str, expected: &str) {
    let error = parse::rule(text, &[]).expect_err("the rule is not valid");
    assert_eq!(error, expected);
}

/// What strace 6.1 takes, too.
#[test]
fn rules_of_strace_are_taken() {
    for text in [
        "inject=chdir:error=ENOENT",
        "inject=chdir:error=enoent",
        "inject=chdir:error=4095",
        "inject=chdir:retval=5:when=2+2",
        "inject=chdir:retval=-1",
        "inject=chdir:retval=010",
        "inject=chdir:retval=18446744073709551615",
        "inject=chdir:signal=SIGUSR1",
        "inject=chdir:signal=usr1:error=EIO",
        "inject=chdir:signal=SIGRT_1",
        "inject=chdir:signal=64",
        "inject=chdir:error=EIO:syscall=getpid",
        "inject=chdir:delay_enter=1000:delay_exit=1.5s",
        "inject=chdir:delay_enter=1e3ns",
        "inject=chdir:poke_enter=@arg1=00dEAD,@arg7=00:poke_exit=@arg1=00",
        "inject=%file:retval=1:when=1:when=2",
        "inject=!all:retval=1",
        "fault=chdir",
        "fault=chdir:error=EPERM:when=3+",
    ] {
        assert!(Rules::new().with(text).is_ok(), "{text}");
    }
}

/// What strace 6.1 refuses, too.
#[test]
fn what_is_no_rule_says_why() {
    let nothing = "expected :error=, :retval=, :signal=, :delay_enter=, :delay_exit=, :poke_enter= or :poke_exit=";
    wrong("inject=chdir", &format!("-e inject=chdir: {nothing}"));
    wrong(
        "inject=chdir:when=3",
        &format!("-e inject=chdir:when=3: {nothing}"),
    );
    let check = |rule: &str, why: &str| {
        wrong(
            &format!("inject={rule}"),
            &format!("-e inject={rule}: {why}"),
        )
    };
    check(
        "chdir:error=ENOENTT",
        "there is no error `ENOENTT`. Did you mean `ENOENT`?",
    );
    let numbers = "expected a number from 1 to 4095, or a status from 0x80000000 on";
    check("chdir:error=5000", &format!("error=5000: {numbers}"));
    check("chdir:error=0", &format!("error=0: {numbers}"));
    check(
        "chdir:error=EIO:retval=3",
        "one error= or retval= is enough",
    );
    check("chdir:retval=1:retval=2", "one error= or retval= is enough");
    check("chdir:retval=foo", "`foo` is no number");
    check(
        "chdir:retval=18446744073709551616",
        "`18446744073709551616` is no number",
    );
    check(
        "chdir:signal=SIGUSR3",
        "there is no signal `SIGUSR3`. Did you mean `SIGUSR1`?",
    );
    check("chdir:signal=0", "there is no signal 0");
    check("chdir:syscall=getpid", "syscall= needs error= or retval=");
    check(
        "chdir:error=EIO:syscall=chdir",
        "syscall=chdir: expected a call without effects, such as getpid",
    );
    check(
        "chdir:error=EIO:syscall=getpid:syscall=getuid",
        "syscall= stands there twice",
    );
    check(
        "chdir:delay_enter=1h",
        "`1h` is no time, such as 100, 20ms or 1.5s",
    );
    check(
        "chdir:delay_enter=-1",
        "`-1` is no time, such as 100, 20ms or 1.5s",
    );
    check(
        "chdir:delay_exit=1:delay_exit=2",
        "delay_exit= stands there twice",
    );
    for poke in ["@arg8=00", "@arg1=0", "@arg1=", "arg1=00"] {
        check(
            &format!("chdir:poke_enter={poke}"),
            &format!("`{poke}` is not @argN=HEX, with N from 1 to 7 and two digits a byte"),
        );
    }
    check(
        "chdir:poke_enter=@arg1=00,@arg1=11",
        "@arg1 stands there twice",
    );
    for when in [
        "0", "65536", "1+0", "+", "1..", "3..2", "1..65535", "", "1++1",
    ] {
        check(
            &format!("chdir:error=EIO:when={when}"),
            &format!("when={when}: expected FIRST[..LAST][+[STEP]], from 1 to 65535, LAST less"),
        );
    }
    check(
        "chdir:eror=EIO",
        "`eror` is nothing that a rule can say. Did you mean `error`?",
    );
    wrong(
        "fault=chdir:retval=1",
        "-e fault=chdir:retval=1: retval= belongs to inject=, not to fault=",
    );
    wrong(
        "inject=chdri:error=EIO",
        "-e inject: there is no call `chdri`. Did you mean `chdir`?",
    );
}

/// [strace(1), Tampering: the format of the subexpression]
#[test]
fn invocations_are_counted_from_one() {
    let check = |text: &str, expected: &[u64]| {
        let rule = parse::rule(&format!("fault=chdir:when={text}"), &[]).expect("it is valid");
        let taken: Vec<u64> = (1..=9).filter(|count| rule.when.has(*count)).collect();
        assert_eq!(taken, expected, "{text}");
    };
    check("3", &[3]);
    check("3..5", &[3, 4, 5]);
    check("7+", &[7, 8, 9]);
    check("3..5+", &[3, 4, 5]);
    check("2+3", &[2, 5, 8]);
    check("2..7+3", &[2, 5]);
    assert!((1..99).all(|count| When::ALWAYS.has(count)));
}
