# What ps and pgrep find in /proc.
sleep 1000 &
first=$!
(exec -a renamed sleep 2000) &
perl -e '$0 = "a title of its own"; sleep 3000' &
sleep 1
ps -e -o stat=,tty=,ppid=,args= | sed "s/ $$ / SHELL /" | grep -v -e ' ps ' -e ' sed ' -e ' grep '
pgrep -l -x sleep | cut -d' ' -f2
pgrep -f 'title of' >/dev/null && echo found
kill -STOP $first
ps -o stat=,comm= -p $first
kill -CONT $first
ps -o stat=,comm=,ni=,nlwp= -p $first
pkill -f 1000; wait $first; echo $?
pkill -P $$; wait; jobs
pgrep sleep || echo none
free >/dev/null && uptime >/dev/null && echo more
top -b -n 1 | grep -c bash
