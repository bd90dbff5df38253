#!/usr/bin/perl
# authority.pl FOLDER - a time-stamp authority for stories, on loopback.
#
# Answers with openssl ts -reply, by FOLDER/authority.cnf; writes the port to
# FOLDER/port. Any page, one request at a time.
use strict;
use warnings;
use IO::Socket::INET;

my $folder = shift or die "usage: authority.pl FOLDER\n";
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
	Listen => 8, ReuseAddr => 1) or die "listen: $!\n";
open my $port, '>', "$folder/port.new" or die "port: $!\n";
print $port $server->sockport, "\n";
close $port;
rename "$folder/port.new", "$folder/port" or die "port: $!\n";
while (my $peer = $server->accept) {
	my ($length, $body) = (0, '');
	while (defined(my $line = <$peer>)) {
		$length = $1 if $line =~ /^content-length:\s*(\d+)/i;
		last if $line =~ /^\r?\n$/;
	}
	read $peer, $body, $length if $length > 0 && $length < 65536;
	open my $query, '>:raw', "$folder/query" or die "query: $!\n";
	print $query $body;
	close $query;
	my $failed = system 'openssl', 'ts', '-reply', '-config',
		"$folder/authority.cnf", '-queryfile', "$folder/query",
		'-out', "$folder/answer";
	my $answer = '';
	if (!$failed && open my $file, '<:raw', "$folder/answer") {
		local $/;
		$answer = <$file>;
	}
	printf $peer "HTTP/1.1 %s\r\nContent-Type: application/timestamp-reply\r\n" .
		"Content-Length: %d\r\nConnection: close\r\n\r\n",
		$failed ? '500 No' : '200 OK', length $answer;
	print $peer $answer;
	close $peer;
}
