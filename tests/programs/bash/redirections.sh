cat <<< "here string"
mapfile -t lines < <(printf 'a\nb\nc\n'); echo "${#lines[@]} ${lines[2]}"
exec 5< <(echo five); read -r -u 5 f; echo "$f"; exec 5<&-
read -r -t 0.1 nothing < <(sleep 1); echo "read timed out: $(($? > 128))"
printf '%s\n' {1..50} | sort -rn | head -2
echo "in and out" 1<>file; cat file
{ echo o; echo e >&2; } |& sort
exec {fd}>log; echo logged >&$fd; exec {fd}>&-; cat log
sum=0; while read -r n; do ((sum += n)); done < <(seq 100); echo $sum
(ulimit -n 20; ulimit -n; cat < /dev/null && echo opens)
sort -n --parallel=4 <(seq 100 -1 1) | head -1
cat /dev/fd/3 3<<< three
seq 50000 > big; sort -rn big | tail -1; [ "$(sort -n big | sha256sum)" = "$(sha256sum < big)" ] && echo sorted
