// tlog_bench - how many records of 258 bytes Go's sumdb/tlog hashes into its
// tree in memory, on one core: the peer of audit_bench's first figure.
package main

import (
	"fmt"
	"runtime"
	"syscall"

	"golang.org/x/mod/sumdb/tlog"
)

const records = 1000000

type memory []tlog.Hash

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		hashes[i] = (*m)[at]
	}
	return hashes, nil
}

// spent is the processor time of this process in seconds.
func spent() float64 {
	var used syscall.Rusage

	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Sec+used.Stime.Sec) +
		float64(used.Utime.Usec+used.Stime.Usec)/1e6
}

func main() {
	runtime.GOMAXPROCS(1)
	record := make([]byte, 258)
	stored := make(memory, 0, 2*records)
	begin := spent()
	for i := int64(0); i < records; i++ {
		hashes, err := tlog.StoredHashes(i, record, &stored)
		if err != nil {
			panic(err)
		}
		stored = append(stored, hashes...)
	}
	fmt.Printf("Go's sumdb/tlog in memory: %.2f M/s\n", records/(spent()-begin)/1e6)
}
