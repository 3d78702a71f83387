use strict; $| = 1;
pipe(my $r, my $w) or die; my $pid = fork;
if (!$pid) { close $r; print $w "a line of the child\n" x 3; close $w; exit 7 }
close $w; my @lines = <$r>; print scalar(@lines), " lines\n"; waitpid($pid, 0); print "status ", $? >> 8, "\n";
my $got = 0; $SIG{USR1} = sub { $got++ }; kill USR1 => $$ for 1 .. 3; print "got $got\n";
$SIG{CHLD} = sub { print "a child has ended\n" }; if (!fork) { exit 0 } sleep 2; wait; $SIG{CHLD} = 'DEFAULT';
$SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select(undef, undef, undef, 10); }; print "died of $@";
open(my $p, "-|", "echo from a shell; exit 3") or die; print <$p>; close $p; print "closed ", $? >> 8, "\n";
open($p, "|-", "cat") or die; print $p "to cat\n"; close $p;
print `echo backticks; kill -9 \$\$`; print "signal ", $? & 127, "\n";
my @k = map { my $n = $_; my $p = fork; if (!$p) { select(undef, undef, undef, 0.1 * (5 - $n)); exit $n } $p } 1 .. 4;
for (@k) { wait; print "reaped ", $? >> 8, "\n" }
print "none: ", wait, "\n";
system("sh", "-c", "exit 5"); print "system ", $? >> 8, "\n";
local $SIG{PIPE} = sub { print "broken pipe\n" }; pipe($r, $w); close $r; syswrite($w, "x"); print $!{EPIPE} ? "EPIPE\n" : "$!\n";
exec "/bin/echo", "another program";
