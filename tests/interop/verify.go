// verify - an auditor's own verifier: a log and a receipt, checked with
// packages of Debian (golang.org/x/mod/sumdb) and docs/audit-format.md alone.
//
//	verify KEY FOLDER [TILES CONSISTENCY]
//
// TILES is an exported folder of tiles and entry bundles, or where it is served
// (http://…; entry bundles only if TOKEN is set), CONSISTENCY the proof that the
// log only grew, both of the same log. Prints what is wrong and ends with status 1, or prints a count.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func wrong(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		wrong("%s: %v", what, err)
	}
}

type head struct {
	size int64
	root tlog.Hash
}

// openCheckpoint checks the signature and takes the three lines apart.
func openCheckpoint(text []byte, verifier note.Verifier) head {
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		wrong("checkpoint: not three lines of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "checkpoint size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "checkpoint root")
	return head{size, root}
}

// heads reads every checkpoint that was ever signed, and the latest.
func heads(folder string, verifier note.Verifier) map[int64]tlog.Hash {
	all := map[int64]tlog.Hash{}
	add := func(h head) {
		if other, there := all[h.size]; there && other != h.root {
			wrong("checkpoint: two roots for size %d", h.size)
		}
		all[h.size] = h.root
	}
	file, err := os.Open(filepath.Join(folder, "checkpoints.jsonl"))
	must(err, "checkpoints.jsonl")
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		var line struct {
			Note string
			Time int64
		}
		must(json.Unmarshal(scanner.Bytes(), &line), "checkpoints.jsonl")
		add(openCheckpoint([]byte(line.Note), verifier))
	}
	latest, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err, "checkpoint")
	add(openCheckpoint(latest, verifier))
	return all
}

type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = stored[index]
	}
	return out, nil
}

// entries reads all segments: chain, tree, and each checkpoint at its size.
func entries(folder string, signed map[int64]tlog.Hash) int64 {
	var stored hashes
	var n int64
	var previous tlog.Hash
	files, err := filepath.Glob(filepath.Join(folder, "seg", "*.jsonl"))
	must(err, "seg")
	sort.Strings(files)
	for _, name := range files {
		file, err := os.Open(name)
		must(err, name)
		scanner := bufio.NewScanner(file)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var entry struct {
				Index    int64  `json:"_i"`
				Previous string `json:"_p"`
			}
			line := scanner.Bytes()
			if err := json.Unmarshal(line, &entry); err != nil {
				wrong("entry %d: %v", n, err)
			}
			if entry.Index != n || entry.Previous !=
				base64.StdEncoding.EncodeToString(previous[:]) {
				wrong("entry %d does not follow the one before", n)
			}
			previous = tlog.RecordHash(line)
			more, err := tlog.StoredHashes(n, line, stored)
			must(err, "tree")
			stored = append(stored, more...)
			n++
			root, there := signed[n]
			if !there {
				continue
			}
			mine, err := tlog.TreeHash(n, stored)
			must(err, "tree")
			if mine != root {
				wrong("entry %d: not what was signed up to here", n-1)
			}
			delete(signed, n)
		}
		must(scanner.Err(), name)
		file.Close()
	}
	for size := range signed {
		wrong("%d entries were signed, there are %d", size, n)
	}
	return n
}

// receipt checks receipt.json against its tlog-proof.
func receipt(folder string, verifier note.Verifier) {
	var parts struct{ Entry, Statement string }
	bytes, err := os.ReadFile(filepath.Join(folder, "receipt.json"))
	must(err, "receipt")
	must(json.Unmarshal(bytes, &parts), "receipt")
	bytes, err = os.ReadFile(filepath.Join(folder, "receipt.tlog-proof"))
	must(err, "proof")
	split := strings.SplitN(string(bytes), "\n\n", 2)
	if len(split) != 2 {
		wrong("proof: no checkpoint")
	}
	lines := strings.Split(split[0], "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		wrong("proof: not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err, "proof index")
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		must(err, "proof")
		proof = append(proof, hash)
	}
	h := openCheckpoint([]byte(split[1]), verifier)
	must(tlog.CheckRecord(proof, h.size, h.root, index,
		tlog.RecordHash([]byte(parts.Entry))), "proof")
	var entry struct{ Event, Result, Statement string }
	must(json.Unmarshal([]byte(parts.Entry), &entry), "entry")
	if entry.Event != "release.open" || entry.Result != "ok" ||
		entry.Statement != fmt.Sprintf("%x", sha256.Sum256([]byte(parts.Statement))) {
		wrong("receipt: not the entry of this statement")
	}
}

// read reads a file of an exported folder, or of a server.
func read(place, path string) ([]byte, error) {
	if !strings.HasPrefix(place, "http://") {
		return os.ReadFile(filepath.Join(place, path))
	}
	request, err := http.NewRequest("GET", place+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if token := os.Getenv("TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// tiles reads C2SP tiles, whose path has no height in it.
type tiles string

func (tiles) Height() int { return 8 }

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := read(string(folder), path)
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

// bundles compares the exported entries with their leaf hashes.
func bundles(folder string, h head, reader tlog.HashReader) {
	var n int64
	for tile := int64(0); n < h.size; tile++ {
		width := h.size - n
		if width > 256 {
			width = 256
		}
		path := strings.Replace(tlog.Tile{H: 8, L: 0, N: tile, W: int(width)}.Path(),
			"tile/8/0/", "tile/entries/", 1)
		bytes, err := read(folder, path)
		must(err, "entries")
		var indexes []int64
		for i := int64(0); i < width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, n+i))
		}
		leaves, err := reader.ReadHashes(indexes)
		must(err, "tile")
		for i := 0; len(bytes) > 2; n, i = n+1, i+1 {
			end := 2 + int(bytes[0])<<8 + int(bytes[1])
			if end > len(bytes) {
				wrong("%s: cut short", path)
			}
			if i == len(leaves) || tlog.RecordHash(bytes[2:end]) != leaves[i] {
				wrong("%s: entry %d is not that of the tiles", path, n)
			}
			bytes = bytes[end:]
		}
	}
}

// consistency checks a proof in the form in which a witness is sent it.
func consistency(path string, verifier note.Verifier, reader tlog.HashReader) {
	bytes, err := os.ReadFile(path)
	must(err, "consistency")
	split := strings.SplitN(string(bytes), "\n\n", 2)
	if len(split) != 2 {
		wrong("consistency: no checkpoint")
	}
	lines := strings.Split(split[0], "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	must(err, "consistency")
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		must(err, "consistency")
		proof = append(proof, hash)
	}
	h := openCheckpoint([]byte(split[1]), verifier)
	root, err := tlog.TreeHash(old, reader)
	must(err, "consistency")
	must(tlog.CheckTree(proof, h.size, h.root, old, root), "consistency")
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 5 {
		wrong("usage: verify KEY FOLDER [TILES CONSISTENCY]")
	}
	verifier, err := note.NewVerifier(os.Args[1])
	must(err, "key")
	log := filepath.Join(os.Args[2], "log")
	n := entries(log, heads(log, verifier))
	receipt(os.Args[2], verifier)
	if len(os.Args) == 5 {
		text, err := read(os.Args[3], "checkpoint")
		must(err, "tiles")
		h := openCheckpoint(text, verifier)
		reader := tlog.TileHashReader(tlog.Tree{N: h.size, Hash: h.root},
			tiles(os.Args[3]))
		if !strings.HasPrefix(os.Args[3], "http://") || os.Getenv("TOKEN") != "" {
			bundles(os.Args[3], h, reader)
		} else {
			_, err := tlog.TreeHash(h.size, reader)
			must(err, "tiles")
		}
		consistency(os.Args[4], verifier, reader)
	}
	fmt.Printf("%d entries\n", n)
}
