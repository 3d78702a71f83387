# Children and pipes, both ways.
use strict;
$| = 1;
pipe(my $from, my $to) or die;
my @children;
for my $i (1 .. 5) {
    my $pid = fork // die;
    if (!$pid) {
        close $from;
        syswrite $to, "$i\n" for 1 .. 100;
        exit $i;
    }
    push @children, $pid;
}
close $to;
my %seen;
while (<$from>) { chomp; $seen{$_}++ }
print join(' ', map { "$_:$seen{$_}" } sort keys %seen), "\n";
print join(' ', map { waitpid $_, 0; $? >> 8 } @children), "\n";
open my $sort, '|-', 'sort', '-n' or die;
print $sort "$_\n" for 10, 9, 100;
close $sort;
open my $list, '-|', 'echo one; echo two; exit 3' or die;
print "got $_" while <$list>;
close $list;
print $? >> 8, "\n";
my $text = `sh -c 'echo inner; kill -TERM \$\$'`;
print $text, $? & 127, "\n";
local $SIG{ALRM} = sub { die "alarm\n" };
eval { alarm 1; select undef, undef, undef, 100; };
print $@;
local $SIG{CHLD} = sub { print "a child ended\n" while waitpid(-1, 1) > 0 };
my $pid = fork // die;
if (!$pid) { exit }
select undef, undef, undef, 1;
print "done\n";
