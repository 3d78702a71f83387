seq 1000 | sort -r | head -3
yes | head -1
seq 5 | sed s/^/x/ | grep -v 3 | tr x y | cat -n
seq 20000 | sort -n | uniq | wc -l | tr -d ' '
false | true; echo "last: $?"
true | false; echo "last: $?"
{ echo out; echo err >&2; } 2>&1 | sort
seq 5 | while read n; do printf '%s ' "$n"; done; echo
dd if=/dev/zero bs=1k count=300 2>/dev/null | tr '\0' a | md5sum
(seq 3; seq 7 9) | tac | tr '\n' ' '; echo
echo a b c | xargs -n 1 echo item
printf '1 2\n3 4\n' | awk '{ s += $1 * $2 } END { print s }' | tee sum | cat; cat sum
x=5; echo 6 | { read x; echo "inside $x"; }; echo "outside $x"
