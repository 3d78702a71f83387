x=$(echo a; echo $(echo b $(echo c $(echo d)))); echo "$x"
cat <<END | tr a-z A-Z
here $(echo inner) $((6 * 7))
END
cat <<'END'
not $(expanded)
END
cat <<-END
	no tab
	END
(x=changed; cd /; exit 3); echo "status $?, x still ${x%%
*}"
f() { local y=$1; [ "$y" -gt 0 ] && { f $((y - 1)); echo "level $y"; }; return 0; }
f 3
set -- one "two words" three; echo $# "$2"; shift; echo "$*"
case $(expr 3 \* 4) in 12) echo twelve ;; *) echo other ;; esac
for i in 1 2 3 4 5 6; do [ $i = 2 ] && continue; [ $i = 5 ] && break; echo "i $i"; done
IFS=:; for part in a:b:c; do echo "part $part"; done; set -- $(echo d:e); echo "$1,$2"; unset IFS
echo "${undefined:-default} ${x:+set} ${#x}"
eval 'echo "evaluated $((2 + 3))"'
sh_status() { return 42; }; sh_status; echo $?
until [ "${n:-0}" -ge 3 ]; do n=$((n + 1)); done; echo "n $n"
