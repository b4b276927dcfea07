package main

import "strings"

// unknown is the failure for a verb that there is not, with the one that was
// probably meant. of is "" for the verbs themselves, else the verb whose second
// word it is.
func unknown(of, word string) *failure {
	if of == "" {
		w := usageFailure("there is no verb %q", word)
		if text := meaning(word); text != "" {
			return w.hint(text)
		}
		for _, v := range verbs() {
			if near(v.name, word) {
				return w.hint("to " + v.summary + ": safeconduct " + v.name)
			}
		}
		return w.hint("safeconduct help lists the verbs")
	}
	w := usageFailure("%s: there is no %q", of, word)
	if text := meaning(word); of == "status" && text != "" {
		return w.hint(text)
	}
	for _, second := range seconds(of) {
		if near(second, word) {
			return w.hint("nearest: safeconduct " + of + " " + second)
		}
	}
	return w.hint("safeconduct help " + of)
}

// meaning answers the words that other tools have for what is done here.
func meaning(word string) string {
	switch strings.ToLower(word) {
	case "revoke", "cancel", "invalidate":
		return "to revoke: safeconduct revoke -state list.json PASSPORT.json"
	case "suspend", "pause":
		return "to suspend: safeconduct revoke -suspend -state list.json PASSPORT.json"
	case "reinstate", "unsuspend", "resume", "restore", "unrevoke":
		return "to end a suspension: safeconduct revoke -reinstate -state list.json PASSPORT.json"
	case "publish":
		return "to publish the list: safeconduct status publish -state list.json -key issuer.key -out lists"
	case "init":
		return "to start a list: safeconduct status init -state list.json -url URL"
	case "genkey", "key", "gen", "generate", "new":
		return "to make a key: safeconduct keygen -o FILE"
	case "sign", "create", "grant":
		return "to sign a passport: safeconduct issue"
	case "check", "validate", "decide":
		return "to decide: safeconduct verify"
	case "show", "cat", "view", "read", "decode":
		return "to see what a file says: safeconduct inspect FILE; to show a passport to somebody: safeconduct present"
	case "whoami", "id", "identity":
		return "to see whose key it is: safeconduct did key FILE"
	case "resolve":
		return "to see the document of a DID: safeconduct did resolve DID"
	case "web":
		return "to write the document of a did:web: safeconduct did web -key FILE DID"
	case "trust", "diff":
		return "for trust bundles: safeconduct bundle"
	}
	return ""
}

// seconds returns the second words of a verb.
func seconds(of string) []string {
	switch of {
	case "status":
		return []string{"init", "allocate", "set", "clear", "show", "publish"}
	case "did":
		return []string{"key", "web", "resolve"}
	case "bundle":
		return []string{"create", "inspect", "verify", "diff"}
	}
	return nil
}

// near reports whether somebody who wrote got may have meant want: it is its
// beginning, or at most two letters have slipped.
func near(want, got string) bool {
	got = strings.ToLower(got)
	if len(got) >= 3 && strings.HasPrefix(want, got) {
		return true
	}
	return len(got) <= len(want)+2 && distance(want, got) <= min(2, len(want)/3)
}

// distance counts the letters to insert, delete or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
