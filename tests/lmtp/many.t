# RFC 2033: forty recipients are asked side by side and answered in order
@covers  RFC2033-4.2-1
@account alice

C> LHLO a
C: MAIL FROM:<a@example.com>
S~ ...
S: 250 2.1.0 Sender ok
C> RCPT TO:<alice+0@example.org>
C> RCPT TO:<alice+1@example.org>
C> RCPT TO:<alice+2@example.org>
C> RCPT TO:<alice+3@example.org>
C> RCPT TO:<alice+4@example.org>
C> RCPT TO:<alice+5@example.org>
C> RCPT TO:<alice+6@example.org>
C> RCPT TO:<alice+7@example.org>
C> RCPT TO:<alice+8@example.org>
C> RCPT TO:<alice+9@example.org>
C> RCPT TO:<alice+10@example.org>
C> RCPT TO:<alice+11@example.org>
C> RCPT TO:<alice+12@example.org>
C> RCPT TO:<alice+13@example.org>
C> RCPT TO:<alice+14@example.org>
C> RCPT TO:<alice+15@example.org>
C> RCPT TO:<alice+16@example.org>
C> RCPT TO:<alice+17@example.org>
C> RCPT TO:<alice+18@example.org>
C> RCPT TO:<alice+19@example.org>
C> RCPT TO:<alice+20@example.org>
C> RCPT TO:<alice+21@example.org>
C> RCPT TO:<alice+22@example.org>
C> RCPT TO:<alice+23@example.org>
C> RCPT TO:<alice+24@example.org>
C> RCPT TO:<alice+25@example.org>
C> RCPT TO:<alice+26@example.org>
C> RCPT TO:<alice+27@example.org>
C> RCPT TO:<alice+28@example.org>
C> RCPT TO:<alice+29@example.org>
C> RCPT TO:<alice+30@example.org>
C> RCPT TO:<alice+31@example.org>
C> RCPT TO:<alice+32@example.org>
C> RCPT TO:<alice+33@example.org>
C> RCPT TO:<alice+34@example.org>
C> RCPT TO:<alice+35@example.org>
C> RCPT TO:<alice+36@example.org>
C> RCPT TO:<alice+37@example.org>
C> RCPT TO:<alice+38@example.org>
C> RCPT TO:<alice+39@example.org>
C> DATA
C> 
C> x
C: .
S: 250 2.1.5 <alice+0@example.org> Recipient ok
S: 250 2.1.5 <alice+1@example.org> Recipient ok
S: 250 2.1.5 <alice+2@example.org> Recipient ok
S: 250 2.1.5 <alice+3@example.org> Recipient ok
S: 250 2.1.5 <alice+4@example.org> Recipient ok
S: 250 2.1.5 <alice+5@example.org> Recipient ok
S: 250 2.1.5 <alice+6@example.org> Recipient ok
S: 250 2.1.5 <alice+7@example.org> Recipient ok
S: 250 2.1.5 <alice+8@example.org> Recipient ok
S: 250 2.1.5 <alice+9@example.org> Recipient ok
S: 250 2.1.5 <alice+10@example.org> Recipient ok
S: 250 2.1.5 <alice+11@example.org> Recipient ok
S: 250 2.1.5 <alice+12@example.org> Recipient ok
S: 250 2.1.5 <alice+13@example.org> Recipient ok
S: 250 2.1.5 <alice+14@example.org> Recipient ok
S: 250 2.1.5 <alice+15@example.org> Recipient ok
S: 250 2.1.5 <alice+16@example.org> Recipient ok
S: 250 2.1.5 <alice+17@example.org> Recipient ok
S: 250 2.1.5 <alice+18@example.org> Recipient ok
S: 250 2.1.5 <alice+19@example.org> Recipient ok
S: 250 2.1.5 <alice+20@example.org> Recipient ok
S: 250 2.1.5 <alice+21@example.org> Recipient ok
S: 250 2.1.5 <alice+22@example.org> Recipient ok
S: 250 2.1.5 <alice+23@example.org> Recipient ok
S: 250 2.1.5 <alice+24@example.org> Recipient ok
S: 250 2.1.5 <alice+25@example.org> Recipient ok
S: 250 2.1.5 <alice+26@example.org> Recipient ok
S: 250 2.1.5 <alice+27@example.org> Recipient ok
S: 250 2.1.5 <alice+28@example.org> Recipient ok
S: 250 2.1.5 <alice+29@example.org> Recipient ok
S: 250 2.1.5 <alice+30@example.org> Recipient ok
S: 250 2.1.5 <alice+31@example.org> Recipient ok
S: 250 2.1.5 <alice+32@example.org> Recipient ok
S: 250 2.1.5 <alice+33@example.org> Recipient ok
S: 250 2.1.5 <alice+34@example.org> Recipient ok
S: 250 2.1.5 <alice+35@example.org> Recipient ok
S: 250 2.1.5 <alice+36@example.org> Recipient ok
S: 250 2.1.5 <alice+37@example.org> Recipient ok
S: 250 2.1.5 <alice+38@example.org> Recipient ok
S: 250 2.1.5 <alice+39@example.org> Recipient ok
S: 354 ...
S: 250 2.1.5 <alice+0@example.org> Delivered
S: 250 2.1.5 <alice+1@example.org> Delivered
S: 250 2.1.5 <alice+2@example.org> Delivered
S: 250 2.1.5 <alice+3@example.org> Delivered
S: 250 2.1.5 <alice+4@example.org> Delivered
S: 250 2.1.5 <alice+5@example.org> Delivered
S: 250 2.1.5 <alice+6@example.org> Delivered
S: 250 2.1.5 <alice+7@example.org> Delivered
S: 250 2.1.5 <alice+8@example.org> Delivered
S: 250 2.1.5 <alice+9@example.org> Delivered
S: 250 2.1.5 <alice+10@example.org> Delivered
S: 250 2.1.5 <alice+11@example.org> Delivered
S: 250 2.1.5 <alice+12@example.org> Delivered
S: 250 2.1.5 <alice+13@example.org> Delivered
S: 250 2.1.5 <alice+14@example.org> Delivered
S: 250 2.1.5 <alice+15@example.org> Delivered
S: 250 2.1.5 <alice+16@example.org> Delivered
S: 250 2.1.5 <alice+17@example.org> Delivered
S: 250 2.1.5 <alice+18@example.org> Delivered
S: 250 2.1.5 <alice+19@example.org> Delivered
S: 250 2.1.5 <alice+20@example.org> Delivered
S: 250 2.1.5 <alice+21@example.org> Delivered
S: 250 2.1.5 <alice+22@example.org> Delivered
S: 250 2.1.5 <alice+23@example.org> Delivered
S: 250 2.1.5 <alice+24@example.org> Delivered
S: 250 2.1.5 <alice+25@example.org> Delivered
S: 250 2.1.5 <alice+26@example.org> Delivered
S: 250 2.1.5 <alice+27@example.org> Delivered
S: 250 2.1.5 <alice+28@example.org> Delivered
S: 250 2.1.5 <alice+29@example.org> Delivered
S: 250 2.1.5 <alice+30@example.org> Delivered
S: 250 2.1.5 <alice+31@example.org> Delivered
S: 250 2.1.5 <alice+32@example.org> Delivered
S: 250 2.1.5 <alice+33@example.org> Delivered
S: 250 2.1.5 <alice+34@example.org> Delivered
S: 250 2.1.5 <alice+35@example.org> Delivered
S: 250 2.1.5 <alice+36@example.org> Delivered
S: 250 2.1.5 <alice+37@example.org> Delivered
S: 250 2.1.5 <alice+38@example.org> Delivered
S: 250 2.1.5 <alice+39@example.org> Delivered
