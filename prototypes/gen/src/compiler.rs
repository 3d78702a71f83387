//! What does a compiler know of its architecture?
//!
//! A C file that asks for constant expressions is compiled to assembly, and the answers are read from that. Nothing is
//! executed, so a cross compiler is as good as the machine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// A C compiler that understands GCC's options.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: String,
    options: Vec<String>,
}

/// The values of the expressions of one question; `None` when the compiler refused it.
pub type Answer = Option<Vec<i128>>;

impl Compiler {
    /// The compiler that a command starts: `gcc -m32`.
    pub fn new(command: &str) -> Result<Self, String> {
        let mut words = command.split_whitespace().map(str::to_owned);
        let program = words.next().ok_or("expected a compiler, found none")?;
        Ok(Compiler {
            program,
            options: words.collect(),
        })
    }

    /// Asks questions, each a list of constant expressions. `prelude` declares what they are made of.
    pub fn ask(&self, prelude: &str, questions: &[Vec<String>]) -> Result<Vec<Answer>, String> {
        let mut refused = BTreeSet::new();
        loop {
            let (source, first_line) = source(prelude, questions, &refused);
            let (succeeded, assembly, messages) = self.run(&source)?;
            if succeeded {
                return self.answers(&assembly, questions.len());
            }
            let lines = error_lines(&messages);
            let before = refused.len();
            refused.extend(
                lines
                    .iter()
                    .filter_map(|line| line.checked_sub(first_line))
                    .filter(|&at| at < questions.len()),
            );
            if refused.len() == before {
                return Err(format!("{}: {messages}", self.program));
            }
        }
    }

    /// Compiles from standard input to standard output.
    fn run(&self, source: &str) -> Result<(bool, String, String), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.program);
        let mut child = Command::new(&self.program)
            .args(&self.options)
            .args([
                "-S",
                "-O1",
                "-w",
                "-fmax-errors=0",
                "-x",
                "c",
                "-o",
                "-",
                "-",
            ])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let input = child.stdin.take().expect("it is piped");
        // A compiler reads all of its input before it writes.
        let written = { input }.write_all(source.as_bytes());
        let output = child.wait_with_output().map_err(failed)?;
        written.map_err(failed)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        ))
    }

    fn answers(&self, assembly: &str, count: usize) -> Result<Vec<Answer>, String> {
        let mut answers = vec![None; count];
        for line in assembly
            .lines()
            .filter_map(|line| line.split_once("->").map(|(_, rest)| rest))
        {
            let numbers: Option<Vec<i128>> = line
                .trim_end_matches('"')
                .split_whitespace()
                .map(|word| word.trim_start_matches(['$', '#']).parse().ok())
                .collect();
            match numbers.as_deref() {
                Some([at, values @ ..]) => answers[*at as usize] = Some(values.to_vec()),
                _ => {
                    return Err(format!(
                        "{}: expected numbers, found `{line}`",
                        self.program
                    ));
                }
            }
        }
        Ok(answers)
    }
}

/// The C file, and its line of the first question. Each question has one line; those `refused` are left empty.
fn source(prelude: &str, questions: &[Vec<String>], refused: &BTreeSet<usize>) -> (String, usize) {
    let mut text = format!("{}\nvoid ask(void) {{\n", prelude.trim_end());
    let first_line = text.lines().count() + 1;
    for (at, question) in questions.iter().enumerate() {
        if !refused.contains(&at) {
            // `%0` prints a constant on every architecture, some with a sign before it.
            let places: String = (0..question.len())
                .map(|place| format!(" %{place}"))
                .collect();
            let values: Vec<String> = question
                .iter()
                .map(|value| format!("\"i\"((long long)({value}))"))
                .collect();
            let _ = write!(
                text,
                "__asm__ volatile(\"\\n.ascii \\\"->{at}{places}\\\"\" :: {});",
                values.join(", ")
            );
        }
        text.push('\n');
    }
    (text + "}\n", first_line)
}

/// The lines in which a compiler's messages see errors.
fn error_lines(messages: &str) -> BTreeSet<usize> {
    messages
        .lines()
        .filter(|line| line.contains(" error: ") || line.contains("asm operand"))
        .filter_map(|line| {
            line.strip_prefix("<stdin>:")?
                .split(':')
                .next()?
                .parse()
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Compiler;

    #[test]
    fn a_compiler_answers_what_it_can() {
        let Ok(compiler) = Compiler::new("cc") else {
            return;
        };
        let ask = |expression: &str| vec![expression.to_owned(), "-1".to_owned()];
        let questions = [ask("sizeof(struct pair)"), ask("NOTHING"), ask("TEN * 10")];
        let prelude = "struct pair { char a; short b; };\n#define TEN 10";
        match compiler.ask(prelude, &questions) {
            Ok(answers) => assert_eq!(answers, [Some(vec![4, -1]), None, Some(vec![100, -1])]),
            Err(message) => eprintln!("skipped: {message}"),
        }
        assert!(compiler.ask("#error no", &questions).is_err());
    }
}
