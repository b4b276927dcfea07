package did

// MustParse is [Parse] for texts that are known to be right when the program
// is written. It panics on any other; never give it input.
func MustParse(s string) DID {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// MustParseURL is [ParseURL] for texts that are known to be right when the
// program is written. It panics on any other; never give it input.
func MustParseURL(s string) URL {
	u, err := ParseURL(s)
	if err != nil {
		panic(err)
	}
	return u
}
