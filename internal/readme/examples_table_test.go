package readme

// mostWithoutExample is how many names the table has. It only gets smaller.
const mostWithoutExample = 597

// withoutExample lists the entry points that no Example shows.
var withoutExample = []struct{ in, reason, names string }{
	{"did", "not written yet", `
		Algorithm.JOSE Algorithm.SignatureBytes Algorithms Bounds.Resolve Cache.Forget Cache.Resolve
		DID.SpecificID DID.IsZero DID.URL Document.ID Document.Bytes Document.Key Document.Methods
		DocumentParser.Parse KeyPair.PrivateJWK KeyPair.Algorithm KeyPair.PublicKey KeyPair.PrivateKey
		KeyPair.SecretMultikey KeyPair.PrivatePEM Mux.Resolve Mux.ResolveKey NewCache NewJWKDID NewKeyDID
		NewKeyPair NewPublicKey Parse ParseDocument ParseMultikey ParsePrivateJWK ParsePrivatePEM
		ParsePublicJWK ParsePublicPEM ParseSecretMultikey ParseURL PublicKey.JWK PublicKey.Multikey
		PublicKey.PEM PublicKey.Algorithm PublicKey.IsZero PublicKey.Equal PublicKey.Bytes PublicKey.Crypto
		ResolverFunc.Resolve Static.Resolve URL.DID URL.Fragment URL.IsZero`},
	{"did/didweb", "not written yet", `
		Resolver.Resolve Resolver.Forget`},
	{"credential", "not written yet", `
		Bounds.Resolve Bounds.JSON Credential.HasType Document.Bytes Document.UnverifiedValue Document.Proof
		Document.Digest Document.CheckProof Document.CheckProofBy KeyError ParseDocument ParseMessage
		Parser.Credential Parser.Presentation Presentation.Text Presentation.Unverified
		Presentation.MediaType Presentation.NumProofs Presentation.Proof Presentation.CheckProof
		PresentationContent.Member SignDocument Signed.Text Signed.UnverifiedValue Signed.MediaType
		Signed.Embedded Signed.NumProofs Signed.Proof Signed.CheckProof Signed.Digest Signed.AddProof Suites`},
	{"credential/goldld", "not written yet", `
		Canonicalizer.Canonicalize New`},
	{"statuslist", "not written yet", `
		Bounds.Resolve Cache.Run Decode Dir.Put Edition.CacheControl Editions.Static Encoding.Context
		Entry.Scope Entry.Value List.Encode List.Len List.Size List.Get List.Set List.Clone
		ListCredential.Sum ListCredential.Bytes ListCredential.With MediaTypes Memory.Put Memory.StatusList
		New ParseEntry ParseSafeconductID Parser.Credential Publisher.Claim Publisher.Free Publisher.EntryAs
		Publisher.Options Publisher.Clear Publisher.Get Publisher.MarshalState Purpose.Reversible
		ReadUnverified RestorePublisher SourceFunc.StatusList Static.StatusList`},
	{"statuslist/listhttp", "not written yet", `
		Handler.ServeHTTP`},
	{"passport", "not written yet", `
		Act.Members Act.Differs Act.IsPayment Allow Assurance.IsZero Attestation.IsZero Authority.Under
		Authority.Effective Authority.Narrows Authority.InheritGrants Authority.Grants Chain.Narrows
		CheckAction CheckActionPattern CheckRegion Consent.IsZero ConsentTo Delegate Descent.Effective
		Descent.Next Digest DigestJSON Effective.Assurance Effective.Capabilities Effective.Intersect
		Effective.Admits Effective.Diff Effective.Changes Effective.Facets Effective.SpendLimits
		Effective.Stated ExpandRegions Foreign.Signed IntentContent IntentIDOf IsMPPCategory IssueAcceptance
		IssueManifestation Level.Rank Limit.Attribute Limit.Window MPPCategories MPPCategoryOf MaxOf
		Money.IsZero Money.Currency Money.Decimals Money.SameAsset Money.Add Money.Units NameFromAction
		NewChallenge NewIntentID NextOpening Param.Attribute Param.Window ParseAssetMoney ParseMinorUnits
		ParseTemplate Passport.Clone Passport.Delegated Passport.Warnings RateOf ReadIntentUnverified
		RegionCovers SpendLimit.AppliesTo SpendLimit.Since TextCovers TimeWindow.Contains`},
	{"passport/profile/aip1", "not written yet", `
		Dialect.Open Envelope.Canonical Envelope.Translate Issue Mandate.Canonical Mandate.Translate
		ParseEnvelopeUnverified ParseMandateUnverified Score SealHMAC Sign`},
	{"passport/profile/grantex", "not written yet", `
		Dialect.Open KeySetOf Of ParseKeySet ParseStatusListUnverified Passport.Claims Passport.Translate
		StatusList.Set UnverifiedID`},
	{"passport/profile/oap", "not written yet", `
		Canonical Code.Ours Codes Credential.Canonical CredentialAsPeer Decision.Canonical Decision.Verify
		Decision.VerifyAsPeer Decision.JSON Dialect.Open Digest Error.Word ExportDecision FromPassport
		LocalAsPeer NewPassport OneKey ParseDecision ParsePassport ParsePresentation
		Passport.GuardrailsDigest Passport.Reliable Passport.Canonical Passport.Digest Passport.JSON
		Presentation.Canonical Presentation.Verify Presentation.HeldBySubject PresentationAsPeer SignDecision`},
	{"passport/registry", "not written yet", `
		AIP1.Create AIP1.Revoke AIP1.Suspend AIP1.Reinstate AIP1.List AIP1.Get Actor.Once AgentKeys.Create
		AgentKeys.List AgentKeys.Get AgentKeys.Revoke AgentKeys.Resolve AgentKeys.Digest AgentKeys.Used
		AgentKeys.Succeeded Agents.Create Agents.Get Agents.Suspend Agents.Resume Agents.Revoke
		Agents.Reinstate Audit.List Audit.Verify Audit.Head Audit.Key Audit.VerifySince AuditRecord.ID
		Budget.Remaining Budgets.Allocate Budgets.Adjust Budgets.Balance Budgets.History Budgets.Debit
		Budgets.Take Budgets.Left Budgets.Settle ClaimChallenge Code.HTTPStatus Consents.Give Consents.List
		Consents.Withdraw Consents.Sibling Consents.Acceptances Digest.Mail Error.HTTPStatus Events.Read
		Events.Subscribe Events.Ack Events.Acked Grants.Create Grants.Get Grants.Revoke Keys.Create Keys.List
		Keys.Rotate Keys.Revoke Lists.Publish Lists.NextPublish Lists.Recover Lists.Source MailOf
		NewRequestID Open Org.Admin Orgs.Create Orgs.Get Orgs.Pause Orgs.Resume Orgs.SetIssuesForOthers
		Orgs.SetProviders Owner.Actor Owner.Principal Owners.Create Owners.Get Owners.List Owners.Attest
		P12View ParseFlatLimits Passport.Encoded Passports.List Passports.Issue Passports.Get
		Passports.Revoke Passports.Suspend Passports.Resume ProveClaim Quota.Fields Rates Record.Level
		Records.IssueFor Records.Ticket Records.Claim Records.Instantiate Records.List Records.Create
		Records.Get Records.Update Records.Renew Registry.Authenticate Registry.Admit Registry.Store
		Registry.Issuer Registry.Run Root Secret.Reveal Switches.PausePrincipal Switches.ResumePrincipal
		Switches.PauseOffice Switches.ResumeOffice Thresholds WeekBefore`},
	{"passport/registry/registrytest", "not written yet", `
		TestStore`},
	{"passport/registry/webhook", "not written yet", `
		New NewSecret ParseSecret Secret.Reveal Sender.Run Sign Verify`},
	{"verify", "not written yet", `
		AmountOf Bounds.Resolve Budget.Left Budget.Text Caps.Share Codes Count Decision.Authority
		Decision.Code Decision.CommitFor Decision.Release Facts.Leaf Facts.Path FromContext Info.AIP1Error
		Lookup Mark.Join NewContext ParseQuantity Quantity.Bytes Quantity.Add Quantity.Sub Quantity.Cmp
		QuantityFromBytes Refusal.Until Refusal.Own Refuse RefuseOpenly Report.Code Request.Digest
		SiblingFunc.Sibling Stats.HitRate Subject.IsZero Used.Total Verifier.Budgets Verifier.Audit
		Verifier.Stats`},
	{"verify/bundle", "not written yet", `
		Bounds.Resolve Bundle.Resolve Bundle.ResolveKey Bundle.StatusList Bundle.Vouched Bundle.Sibling
		Bundle.Acceptances Bundle.Contents Ends Info.EndsFirst Info.Missing Inspect NewStore Store.Put
		Store.Bundle Store.Resolve Store.ResolveKey Store.StatusList Store.Vouched Store.Sibling
		Store.Acceptances`},
	{"verify/bundle/refresh", "not written yet", `
		New Refresher.Next`},
	{"verify/ledger", "not written yet", `
		Memory.Forget Memory.Reserve Memory.Peek Memory.Unresolved Memory.Usage Memory.Entry Memory.Record
		Memory.Records Memory.Settle NewMemory`},
	{"verify/marks", "not written yet", `
		File.LoadMark File.SaveMark File.Close Open`},
	{"verify/meaning", "not written yet", `
		Call.Check`},
	{"verify/score", "not written yet", `
		History.Count History.Until IsViolation Score.Thousandths Source.Trust`},
	{"store", "not written yet", `
		Store.Check Store.Close Store.Decisions Store.Gap Store.History Store.Hours Store.Ledger Store.Marks
		Store.Prune Store.Registry Store.Stats Store.Totals`},
	{"verify/policy", "not written yet", `
		Attestations.Rule Counts.Rule Drift.Rule KeywordDrift.Drift KnownCounts Providers.Rule Scope.Reaches
		ScopeRegistry.Edition ScopeRegistry.Scopes ScopeRegistry.Lookup Scopes.Operation`},
	{"verify/office", "not written yet", `
		AIP1View Access.Commit Access.HTTPStatus Gate.Verify Gate.Explain Ledger Reputation Scopes`},
	{"verify/policy/eprospera", "not written yet", `
		Current First`},
	{"verify/policy/packs", "not written yet", `
		Block BlockOf ContextOf IDs Pack.ID Pack.Digest Pack.Capabilities Pack.Assurance Pack.Counters
		Pack.Codes Pack.Facts Verdict.OAP`},
	{"verify/receipt", "not written yet", `
		CheckLogKey Fsck IntentOf Keeper.Keep Log.Find Log.Get Log.Size Log.Checkpoint Log.Publish
		Log.ProveConsistency LogKey OpenCheckpoint OpenPublished Parse Published.Checkpoint Published.Find
		Published.Prove Published.Extends Receipt.ID Receipt.Unverified Receipt.Check VerifyConsistency`},
	{"verify/verifyhttp", "not written yet", `
		AddressKey Guard.Check KeyRate LoginRate MemoryLimiter.Take NewMemoryLimiter NewProblem OriginKey
		OriginRate Problem.AddReasons Problem.Text ReadProblem ReadRate ReadReceipt RoundTripper.RoundTrip
		SettleByStatus SettleSuccess WriteProblem WriteRate`},
	{"verify/verifytest", "not written yet", `
		AssertAllowed AssertDenied Clock.Advance Clock.Set Family.Child Family.Forge Key Lists.Fail
		Lists.Tamper Lists.Unsign Lists.RollBack Lists.Open Lists.Entries Lists.Entry Lists.Publish
		Lists.PublishAt Lists.SignBy Lists.Put Lists.Get Lists.Fetches Lists.StatusList NewClock
		Principal.Will Principal.Accept Principal.Withdraw Principal.StandsOn TestDurableLedger TestFormat
		TestLedger TestMarkStore TestResolver TestSource Web.Host Web.Lookups Web.Resolve WebHost.DID
		WebHost.Signer WebHost.Rotate WebHost.Put WebHost.Fail WebHost.Document World.Principal
		World.PresentChain World.Config`},
	{"verify/view", "not written yet", `
		Act Budgets Bundle Card.Summary Card.HTML Card.SVG Card.Mermaid Entry Facets Keys MaxBytes Plain
		PlainJSON Printer.Card Printer.Decision Printer.Report Printer.Steps Printer.Finding Printer.JSON
		Printer.Field Record Terminal`},
	{"store/postgres", "not written yet", `
		Open`},
	{"store/sqlite", "not written yet", `
		Open Store.Backup Store.Check`},
}
