//! What a line of C says, and what is said of a line that says nothing.

use emu_prototypes_gen::declaration;

/// Checks how a line reads once parsed, or the message about it.
fn check(line: &str, expected: &str) {
    let found = match declaration::parse("t", line) {
        Ok(all) => all
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "of {line}");
}

#[test]
fn a_declaration_reads_in_one_spelling() {
    check(
        "long openat(int dfd, const char __user *filename, int flags, umode_t mode);",
        "long openat(int dfd, const char *filename, int flags, umode_t mode);",
    );
    check(
        "asmlinkage long sys_x ( char const* s ,int * * p ) ;",
        "long sys_x(const char *s, int **p);",
    );
    check(
        "unsigned f(long unsigned a, long long b);",
        "unsigned int f(unsigned long a, long long b);",
    );
    check(
        "int f(short unsigned int a, signed char b);",
        "int f(unsigned short a, signed char b);",
    );
    check(
        "int f(unsigned long long int a, long int b);",
        "int f(unsigned long long a, long b);",
    );
    check(
        "int f(struct stat *a, const union b c, enum d e);",
        "int f(struct stat *a, union b c, enum d e);",
    );
    check(
        "int f(const struct iovec const *v);",
        "int f(const struct iovec *v);",
    );
    check(
        "HANDLE f(PVOID *Base, unsigned __int64 Size);",
        "HANDLE f(PVOID *Base, unsigned __int64 Size);",
    );
    check("char *f(char **p);", "char *f(char **p);");
}

#[test]
fn qualifiers_of_the_value_itself_are_gone_and_those_behind_pointers_stay() {
    check("int f(const int a, int *const b);", "int f(int a, int *b);");
    check(
        "int f(const char *const *argv);",
        "int f(const char *const *argv);",
    );
    check(
        "int f(const char __user *const __user *argv);",
        "int f(const char *const *argv);",
    );
    check("int f(volatile int *restrict a);", "int f(int *a);");
}

#[test]
fn parameters_may_be_nameless_arrays_functions_none_or_open() {
    check("int f(int, char *);", "int f(int arg1, char *arg2);");
    check("int f(void);", "int f(void);");
    check("int f();", "int f(void);");
    check("int f(void *);", "int f(void *arg1);");
    check(
        "int printf(const char *format, ...);",
        "int printf(const char *format, ...);",
    );
    check("int f(...);", "int f(...);");
    check("int pipe(int fds[2]);", "int pipe(int *fds);");
    check(
        "int f(char *argv[], int [4]);",
        "int f(char **argv, int *arg2);",
    );
    check(
        "int f(void (*handler)(int), int (*)(void *a, ...));",
        "int f(void (*handler)(int), int (*arg2)(void *, ...));",
    );
}

#[test]
fn reserved_words_name_arguments() {
    check(
        "int f(int new, int class, int default);",
        "int f(int new, int class, int default);",
    );
    check(
        "int f(char *register, int static);",
        "int f(char *register, int static);",
    );
    check(
        "int f(char *long, struct x *struct);",
        "int f(char *long, struct x *struct);",
    );
    check(
        "int f(int in, int out, int type, int match);",
        "int f(int in, int out, int type, int match);",
    );
}

#[test]
fn windows_annotations_say_nothing() {
    check(
        "NTSYSAPI NTSTATUS NTAPI NtClose(_In_ _Post_ptr_invalid_ HANDLE Handle);",
        "NTSTATUS NtClose(HANDLE Handle);",
    );
    check(
        "NTSTATUS NtReadFile(IN HANDLE File, OUT PVOID Buffer OPTIONAL, [in, optional] PLARGE_INTEGER Offset);",
        "NTSTATUS NtReadFile(HANDLE File, PVOID Buffer, PLARGE_INTEGER Offset);",
    );
    check(
        "NTSTATUS NtX(_Out_writes_bytes_opt_(Length) PVOID Buffer, __in_bcount(2 * n) const VOID *P, [out] ULONG *L);",
        "NTSTATUS NtX(PVOID Buffer, const void *P, ULONG *L);",
    );
}

#[test]
fn comments_and_blank_lines_are_skipped() {
    check("", "");
    check("  \n\t\n", "");
    check(
        "# a\n// b\n/* c */ /* d\n e */ int f(int /* x */ a); // g",
        "int f(int a);",
    );
    check("int f(void); # and why", "int f(void);");
}

#[test]
fn a_bad_line_is_named() {
    check(
        "int f(int a)",
        "t:1: expected `;`, found the end of the line",
    );
    check("\nint f(int a;", "t:2: expected `,` or `)`, found `;`");
    check(
        "int f(int a int b);",
        "t:1: expected `,` or `)`, found `int`",
    );
    check(
        "int f(FOO HANDLE a);",
        "t:1: expected `,` or `)`, found `a`",
    );
    check(
        "int (int a);",
        "t:1: expected the name of a function, found `(`",
    );
    check(
        "f(int a);",
        "t:1: expected the name of a function, found `(`",
    );
    check("5 int f(int a);", "t:1: expected a type, found `5`");
    check("int f(int a,);", "t:1: expected a type, found `)`");
    check("int f(int 5);", "t:1: expected `,` or `)`, found `5`");
    check(
        "int f(void a);",
        "t:1: expected a type that has values, found `void a`",
    );
    check(
        "int f(void, int a);",
        "t:1: expected a type that has values, found `void`",
    );
    check(
        "int f(int a, int a);",
        "t:1: expected different names, found two arguments `a`",
    );
    check(
        "int f(int a); x",
        "t:1: expected the end of the line, found `x`",
    );
    check(
        "int f(short char a);",
        "t:1: expected a type, found `short char`",
    );
    check(
        "int f(long long long a);",
        "t:1: expected a type, found `long long long`",
    );
    check(
        "int f(unsigned void a);",
        "t:1: expected a type, found `unsigned void`",
    );
    check(
        "int f(struct *a);",
        "t:1: expected the tag of the struct, found `*`",
    );
    check(
        "int f(int a[2);",
        "t:1: expected `]`, found the end of the line",
    );
    check("int f(int a) { return 0; }", "t:1: expected `;`, found `{`");
    check("int f(int a = 5);", "t:1: expected `,` or `)`, found `=`");
    check("int f(..., int a);", "t:1: expected `,` or `)`, found `,`");
    check(
        "/* int f(void);\n",
        "t:1: expected `*/`, found the end of the text",
    );
    check(
        "hello",
        "t:1: expected the name of a function, found the end of the line",
    );
}

#[test]
fn nothing_printable_makes_the_parser_panic() {
    // Every short text over the marks and words that mean something.
    let words = [
        "int", "struct", "const", "void", "f", "*", "(", ")", "[", "]", ",", ";", "...", "_In_",
        "IN", "5",
    ];
    let mut texts = vec![String::new()];
    for _ in 0..3 {
        texts = texts
            .iter()
            .flat_map(|text| words.map(|word| format!("{text} {word}")))
            .collect();
        for text in &texts {
            let _ = declaration::parse("t", text);
            let _ = declaration::parse("t", &format!("int f({text}"));
            let _ = declaration::parse_params(text);
            let _ = declaration::parse_type(text);
        }
    }
}
