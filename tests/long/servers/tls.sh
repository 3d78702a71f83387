# A server and a client of TLS, both guests.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out certificate -days 30 \
  -subj /CN=guest -batch 2>/dev/null
openssl s_server -accept 4433 -key key -cert certificate -www -quiet &
sleep 1
printf 'GET / HTTP/1.0\r\n\r\n' |
  openssl s_client -connect 127.0.0.1:4433 -CAfile certificate -verify_return_error -quiet 2>&1 |
  grep -a -e ' Protocol' -e 'Cipher  ' -e ^HTTP -e ^verify -e Verify
kill $!; wait
openssl s_server -accept 4434 -key key -cert certificate -tls1_2 -rev -quiet >/dev/null &
sleep 1
(echo stressed; sleep 1; echo Q) |
  openssl s_client -connect 127.0.0.1:4434 -CAfile certificate -quiet -no_ign_eof 2>/dev/null |
  grep -e ^CONN -e ^Proto -e ^dess
kill $!; wait
seq 1 50000 >sent
(sleep 1; openssl s_client -connect 127.0.0.1:4435 -CAfile certificate -quiet -no_ign_eof <sent 2>/dev/null) &
sleep 5 | openssl s_server -accept 4435 -key key -cert certificate -quiet -naccept 1 >received
wait
cmp sent received && echo whole
