package contexts

// Keyword is a JSON-LD keyword (JSON-LD 1.1, section 1.7) or 0 for none.
type Keyword uint8

// The keywords that may stand in a document or as a term's mapping.
const (
	NoKeyword Keyword = iota
	KeywordBase
	KeywordContainer
	KeywordContext
	KeywordDirection
	KeywordGraph
	KeywordID
	KeywordImport
	KeywordIncluded
	KeywordIndex
	KeywordJSON
	KeywordLanguage
	KeywordList
	KeywordNest
	KeywordNone
	KeywordPrefix
	KeywordPropagate
	KeywordProtected
	KeywordReverse
	KeywordSet
	KeywordType
	KeywordValue
	KeywordVersion
	KeywordVocab
)

// KeywordOf returns the keyword that s is, [NoKeyword] if it is none.
func KeywordOf(s string) Keyword {
	if len(s) < 3 || s[0] != '@' {
		return NoKeyword
	}
	switch s {
	case "@base":
		return KeywordBase
	case "@container":
		return KeywordContainer
	case "@context":
		return KeywordContext
	case "@direction":
		return KeywordDirection
	case "@graph":
		return KeywordGraph
	case "@id":
		return KeywordID
	case "@import":
		return KeywordImport
	case "@included":
		return KeywordIncluded
	case "@index":
		return KeywordIndex
	case "@json":
		return KeywordJSON
	case "@language":
		return KeywordLanguage
	case "@list":
		return KeywordList
	case "@nest":
		return KeywordNest
	case "@none":
		return KeywordNone
	case "@prefix":
		return KeywordPrefix
	case "@propagate":
		return KeywordPropagate
	case "@protected":
		return KeywordProtected
	case "@reverse":
		return KeywordReverse
	case "@set":
		return KeywordSet
	case "@type":
		return KeywordType
	case "@value":
		return KeywordValue
	case "@version":
		return KeywordVersion
	case "@vocab":
		return KeywordVocab
	}
	return NoKeyword
}

// HasKeywordForm reports whether s looks like a keyword: "@" and letters.
// What looks like one and is none is reserved, and JSON-LD drops it.
func HasKeywordForm(s string) bool {
	if len(s) < 2 || s[0] != '@' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if (c|0x20) < 'a' || (c|0x20) > 'z' {
			return false
		}
	}
	return true
}
