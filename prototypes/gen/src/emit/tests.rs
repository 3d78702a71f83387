use expect_test::{Expect, expect};

use crate::model::{Os, Texts, file};

/// Two calls on two ABIs, one of which passes the arguments of one call in another order.
pub(crate) fn small() -> Texts {
    Texts::default()
        .with(file::ABIS, "A a ilp32 a.txt\nB b lp64 b.txt\n")
        .with(
            file::SIGNATURES,
            "long mount(const char *type, unsigned long flags, loff_t size);\nlong _sync(void);\n",
        )
        .with("a.txt", "1\tmount\tsys_mount\n0xf0001\tsync\tsys_sync\t=_sync\n")
        .with("b.txt", "7\tmount\tsys_mount2\t(loff_t size, const char *type)\n")
        .with(file::TYPES, "loff_t = long long\n")
        .with(
            file::MEANINGS,
            "[file]\nmount: type=str flags=flags:mount -> fd %file %desc\n[io]\n_sync:\n",
        )
        .with(
            file::CONSTANTS,
            "[mount]\nMS_RDONLY\t1\nMS_ALL\t3\tb=7\nMS_B\t-\tb=4\n[errno]\nENOENT\t2\nENOSYS\t38\tb=89\nEOTHER\t-\tb=40\n",
        )
        .with(file::GROUPS, "flags mount: MS_*\n")
        .with(file::ERRORS, "ENOENT No such file\nENOSYS Not implemented\nEOTHER Other\nENONE = ENOENT\n")
        .with(file::STRUCTS, "[pair]\nsize\t8\tb=16\nfirst\t0:4s\tb=0:8s\nsize\t-\tb=8:8u\n")
}

/// The part of the output from `from` up to, and without, `to`.
fn check(from: &str, to: &str, expected: Expect) {
    let text = super::module(&Os::new(&small()).expect("the texts agree"));
    let start = text.find(from).expect("the beginning is there");
    let end = start + text[start..].find(to).unwrap_or(text.len() - start);
    expected.assert_eq(&text[start..end]);
}

#[test]
fn a_call_is_a_struct_with_the_kernels_names() {
    check(
        "/// `long mount",
        "/// How many",
        expect![[r#"
            /// `long mount(const char *type, unsigned long flags, loff_t size);`
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct Mount {
                pub r#type: Ptr<CStr>,
                pub flags: u64,
                pub size: i64,
            }

            impl Call for Mount {
                const INFO: &'static CallInfo = &CALLS[1];
                type Ret = Result<u64, Errno>;
                #[inline]
                fn from_args(args: &Args) -> Self {
                    Mount { r#type: Ptr::new(args[0]), flags: args[1], size: args[2] as i64 }
                }
                #[inline]
                fn to_args(&self, args: &mut Args) {
                    args[0] = self.r#type.address;
                    args[1] = self.flags;
                    args[2] = self.size as u64;
                }
            }

        "#]],
    );
}

#[test]
fn what_is_known_of_calls_is_one_table() {
    check(
        "/// All calls",
        "/// Any call",
        expect![[r#"
            /// All calls, sorted by name. Their `id` is their index behind that of the first.
            pub static CALLS: [CallInfo; CALL_COUNT] = [
                CallInfo { os: OS, id: OS.first() + 0, name: "_sync", section: "io", ret: "long", ret_meaning: Meaning::Plain, ends: Ends::Returns, classes: Classes::empty(), params: &[
                ] },
                CallInfo { os: OS, id: OS.first() + 1, name: "mount", section: "file", ret: "long", ret_meaning: Meaning::Fd, ends: Ends::Returns, classes: Classes::FILE.union(Classes::DESC), params: &[
                    Param { name: "type", ctype: "const char *", width: Width::Ptr, meaning: Meaning::Str },
                    Param { name: "flags", ctype: "unsigned long", width: Width::ULong, meaning: Meaning::Flags("mount") },
                    Param { name: "size", ctype: "loff_t", width: Width::I64, meaning: Meaning::Plain },
                ] },
            ];

            /// Ids of calls, for tables by call.
            pub mod id {
                const FIRST: u16 = super::OS.first();
                /// `_sync`
                pub const SYNC: u16 = FIRST + 0;
                /// `mount`
                pub const MOUNT: u16 = FIRST + 1;
            }

        "#]],
    );
}

#[test]
fn a_section_is_a_trait_and_a_number_leads_to_its_method() {
    check(
        "/// What serves",
        "/// An error",
        expect![[r#"
            /// What serves the calls: a trait for each section. A method that is not written leaves its call unserved.
            pub mod services {
                use super::{Outcome, Stop};

                /// Section `file`.
                pub trait File<Cx> {
                    /// `long mount(const char *type, unsigned long flags, loff_t size);`
                    fn mount(&mut self, cx: &mut Cx, call: &super::Mount) -> Outcome {
                        let _ = (cx, call);
                        Err(Stop::Missing)
                    }
                }

                /// Section `io`.
                pub trait Io<Cx> {
                    /// `long _sync(void);`
                    fn sync(&mut self, cx: &mut Cx, call: &super::Sync) -> Outcome {
                        let _ = (cx, call);
                        Err(Stop::Missing)
                    }
                }

                /// All sections.
                pub trait Services<Cx>: File<Cx> + Io<Cx> {}
                impl<Cx, K: File<Cx> + Io<Cx>> Services<Cx> for K {}
            }

            /// Serves the call with index `call` among those of this operating system, as rows have it.
            pub fn dispatch<Cx, K: services::Services<Cx>>(kernel: &mut K, cx: &mut Cx, call: u16, args: &Args) -> Outcome {
                match call {
                    0 => kernel.sync(cx, &Sync::from_args(args)),
                    1 => kernel.mount(cx, &Mount::from_args(args)),
                    _ => Err(Stop::Missing),
                }
            }

        "#]],
    );
}

#[test]
fn errors_constants_and_places_differ_by_abi_and_equal_tables_are_one() {
    check(
        "/// An error",
        "/// All ABIs",
        expect![[r#"
            /// An error. Its number depends on the ABI.
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[repr(u16)]
            pub enum Errno {
                /// No such file
                ENOENT,
                /// Not implemented
                ENOSYS,
                /// Other
                EOTHER,
            }

            impl Errno {
                /// Another name of `ENOENT`.
                pub const ENONE: Errno = Errno::ENOENT;
                /// All errors.
                pub const ALL: &'static [Errno] = &[
                    Errno::ENOENT,
                    Errno::ENOSYS,
                    Errno::EOTHER,
                ];
            }

            /// Names and descriptions, by `Errno as usize`.
            pub(super) static ERRNO_TEXTS: &[(&str, &str)] = &[
                ("ENOENT", "No such file"),
                ("ENOSYS", "Not implemented"),
                ("EOTHER", "Other"),
            ];

            /// The value of each constant on an ABI, sign-extended. Where the ABI has none, a flag is 0 and anything else is [`ABSENT`].
            pub struct Constants {
                pub MS_RDONLY: u64,
                pub MS_ALL: u64,
                pub MS_B: u64,
                pub ENOENT: u64,
                pub ENOSYS: u64,
                pub EOTHER: u64,
            }

            /// A struct for each structure, with a place for each field.
            pub mod layout {
                use super::Field;

                /// `pair`
                #[derive(Debug, Clone, Copy)]
                pub struct Pair {
                    /// Size in bytes; 0 where the ABI has no such structure.
                    pub size: u32,
                    pub first: Field,
                    pub size_: Field,
                }
            }

            /// The structures of an ABI.
            #[derive(Debug)]
            pub struct Layouts {
                /// The same structures for generic readers, sorted by name; those that the ABI lacks are not there.
                pub all: &'static [Struct],
                pub pair: layout::Pair,
            }

            static A_ROWS: &[Row] = &[
                // long mount(const char *type, unsigned long flags, loff_t size);
                Row { number: 0x1, name: "mount", entry: "sys_mount", call: 1, params: &[p(0, Width::Ptr), p(1, Width::ULong), p(2, Width::I64)], declared: None },
                // long _sync(void);
                Row { number: 0xf0001, name: "sync", entry: "sys_sync", call: 0, params: &[], declared: None },
            ];

            static A_SPANS: &[Span] = &[
                Span { base: 1, index: &[1] },
                Span { base: 983041, index: &[2] },
            ];

            static A_ERRNOS: &[u16] = &[2, 38, 0];

            static A_ERRNOS_BACK: &[u16] = &[0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

            static A_CONSTANTS: Constants = Constants {
                MS_RDONLY: 1,
                MS_ALL: 3,
                MS_B: 0,
                ENOENT: 2,
                ENOSYS: 38,
                EOTHER: ABSENT,
            };

            static A_GROUP_MOUNT: &[(&str, u64)] = &[
                ("MS_ALL", 3),
                ("MS_RDONLY", 1),
            ];

            static A_GROUPS: &[Group] = &[
                Group { name: "mount", flags: true, members: A_GROUP_MOUNT },
            ];

            static A_STRUCTS: &[Struct] = &[
                Struct { name: "pair", size: 8, fields: &[("first", Field::new(0, 4, true)), ] },
            ];

            static A_LAYOUTS: Layouts = Layouts {
                all: A_STRUCTS,
                pair: layout::Pair { size: 8, first: Field::new(0, 4, true), size_: Field::ABSENT },
            };

            static A_SIGNALS: &[&str] = &[""];

            /// The ABI `a`.
            pub static A: Abi = Abi {
                name: "a",
                model: DataModel::Ilp32,
                table: &Table { rows: A_ROWS, spans: A_SPANS },
                k: &A_CONSTANTS,
                layouts: &A_LAYOUTS,
                errnos: A_ERRNOS,
                errnos_back: A_ERRNOS_BACK,
                groups: A_GROUPS,
                signals: A_SIGNALS,
            };

            static B_ROWS: &[Row] = &[
                // long mount(const char *type, unsigned long flags, loff_t size);
                Row { number: 0x7, name: "mount", entry: "sys_mount2", call: 1, params: &[p(2, Width::I64), p(0, Width::Ptr)], declared: Some(&[("size", "loff_t"), ("type", "const char *")]) },
            ];

            static B_SPANS: &[Span] = &[
                Span { base: 7, index: &[1] },
            ];

            static B_ERRNOS: &[u16] = &[2, 89, 40];

            static B_ERRNOS_BACK: &[u16] = &[0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

            static B_CONSTANTS: Constants = Constants {
                MS_RDONLY: 1,
                MS_ALL: 7,
                MS_B: 4,
                ENOENT: 2,
                ENOSYS: 89,
                EOTHER: 40,
            };

            static B_GROUP_MOUNT: &[(&str, u64)] = &[
                ("MS_ALL", 7),
                ("MS_RDONLY", 1),
                ("MS_B", 4),
            ];

            static B_GROUPS: &[Group] = &[
                Group { name: "mount", flags: true, members: B_GROUP_MOUNT },
            ];

            static B_STRUCTS: &[Struct] = &[
                Struct { name: "pair", size: 16, fields: &[("first", Field::new(0, 8, true)), ("size", Field::new(8, 8, false)), ] },
            ];

            static B_LAYOUTS: Layouts = Layouts {
                all: B_STRUCTS,
                pair: layout::Pair { size: 16, first: Field::new(0, 8, true), size_: Field::new(8, 8, false) },
            };

            /// The ABI `b`.
            pub static B: Abi = Abi {
                name: "b",
                model: DataModel::Lp64,
                table: &Table { rows: B_ROWS, spans: B_SPANS },
                k: &B_CONSTANTS,
                layouts: &B_LAYOUTS,
                errnos: B_ERRNOS,
                errnos_back: B_ERRNOS_BACK,
                groups: B_GROUPS,
                signals: A_SIGNALS,
            };

        "#]],
    );
}

#[test]
fn names_become_rust_names() {
    for (name, expected) in [
        ("rt_sigaction", "RtSigaction"),
        ("_llseek", "Llseek"),
        ("ARM_set_tls", "ArmSetTls"),
        ("time", "Time"),
    ] {
        assert_eq!(super::camel(name), expected);
    }
    assert_eq!(super::ident("type"), "r#type");
    assert_eq!(super::ident("self"), "self_");
    assert_eq!(super::method("_llseek"), "llseek");
}
