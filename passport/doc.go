// Package passport is the vocabulary of agent passports: who an agent is, for
// whom it acts, what it may do, how much it may spend and until when.
//
// An issuer signs a [Passport] with [Issue]. The agent shows it with a signed
// [Intent], made by [Present]. Whoever is asked to act hands the presentation
// to package verify; this package holds opinions about form and arithmetic,
// and none about trust.
//
// # Grants and restrictions
//
// An [Authority] has two kinds of members. A grant that is absent means none:
// no capability, no payment category, no currency, no permission to delegate.
// A restriction that is absent means that this link of the chain adds none.
// Zero is zero, never "unlimited". The authority of a chain of passports is
// the conjunction of its links.
//
// Amounts are [Money]: exact decimal text with an asset, integers inside. No
// floating-point number comes near them.
//
// The wire form is a W3C Verifiable Credential 2.0 of type
// AgentPassportCredential. Its members are read strictly: an unknown member, a
// duplicate in a list, a number where a decimal string is due, is refused with
// the code envelope.malformed and a JSON Pointer to it.
package passport
