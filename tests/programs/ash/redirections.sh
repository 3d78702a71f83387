exec 3>out; echo three >&3; echo more >&3; exec 3>&-; cat out
echo appended >> out; wc -l < out | tr -d ' '
ls /nonexistent 2>/dev/null || echo "failed quietly"
{ echo to stdout; echo to stderr >&2; } > both 2>&1; cat both
while read line; do echo "<$line>"; done < out
exec 4< out; read a <&4; read b <&4; echo "$b $a"; exec 4<&-
(exec 1>&2; echo swapped) 2> err; cat err
echo text | cat - out | head -2
set -C; echo x > out 2>/dev/null || echo "not overwritten"; set +C
: > out; [ -s out ] || echo empty
cat /nonexistent > out 2>&1; sed 's/.*: //' out
read x < /dev/null || echo "end of file"
cat <<A; cat <<B
first
A
second
B
echo closed >&- 2>/dev/null || echo "write to a closed descriptor fails"
