package main

import "strings"

// inOurWords says a sentence of the library in the words of this command: the
// library speaks to programmers, of its Go API; here there are flags.
func inOurWords(s string) string { return libraryWords.Replace(s) }

// libraryWords: the longer of two that begin alike stands first. A test looks
// for what the library says and this list has not.
var libraryWords = strings.NewReplacer(
	"verify: configuration: ", "", // beginning the sentence of a flag
	"config.Anchors[", "-trust[", "config.Anchors", "-trust", "config.Skew", "-skew",
	"limits: StatusAge is", "-max-status-age is",
	"deny: request.invalid: ", "",
	"this is the caller's own Request, not what was presented", "this is what the flags say, not what was presented",
	"add it to Config.Anchors if it should be", "name it with -trust if it should be",
	"add it to Options.Signers if it should be", "name it with -bundle-signer (of safeconduct bundle: -signer) if it should be",
	"list the format, such as vcjwt.Format(), where the verifier is configured", "-format vc+jwt accepts a token",
	"(PresentOptions.Siblings), or Config.Siblings has it", "(safeconduct present -consent), or the trust bundle has it",
	"set Config.Status", "name their folder with -lists",
	"Config.Skew", "-skew",
	"Options.Audience", "-audience",
	"Options.MinSequence", "-bundle-sequence",
	"than IssueOptions.MaxLifetime", "than a passport may",
	"Bounds.BundleLifetime", "-for says how long",
	"Request.Audience", "-audience", "Request.Nonce", "-nonce", "Request.Action", "-action",
	"Request.Resource ", "-resource ", "Request.ResourceOwner", "-owner", "Request.Amount", "-amount",
	"Request.Payee", "-payee", "Request.Category", "-category", "Request.Rail", "-rail", "Request.Region", "-region",
	"Request.Attributes", "-params", "Request.BodyDigest", "-body", "Request.MinAssurance", "-min-assurance",
	"; for EU, EEA and EFTA see ExpandRegions", "; for EU, EEA and EFTA name their countries",
)
