/*
Package assurance knows what audit reports, certificates and controls allow a
company to claim. It is pure rules over plain values: no files, no store, no
clock, standard library only. Drafters, the command line and the review pages
use the same ones.

# What it owns

  - The register: [Report], [Control], [Evidence], and what must not be in one
    ([Register.Validate]). A register with problems must not be relied on.
  - The claim check: [Checker.Check] holds a [Statement] against the register
    and returns [Finding]s. [Rules] lists the rules with their sources.
  - Answers from the register: [Register.Reply] answers questions about the
    company's own reports, from the register and from nothing else. [Topics]
    lists the kinds of questions.
  - Citations as an auditor would write them: [Checker.CiteControl],
    [Checker.Describe], [Text].
  - [Contradictions] within a questionnaire and with what customers were told.
  - [Register.Readiness]: per criterion what is missing, and what to do first.
  - The criteria of the frameworks by id, with titles of our own.

# What it guarantees

An attestation is not a certification, a type 1 says nothing of operation, a
SOC 1 nothing of security, a SOC 2 nothing of financial reporting; a report that
has lapsed, does not exist, or does not cover what is claimed, supports nothing.
What a restricted report found is told to readers under NDA only; that it exists
may always be told. A reply never says more than the register: a question that
asks for more than is understood is not taken ([Register.Reply] returns false),
and a thing that the register lacks is a no that says what there is instead.

A finding blocks, corrects or warns. One that corrects has the proposed words,
the sentence to add, the verdict that holds, or drops a citation; package engine
applies it and checks again. What blocks becomes a gap.

# How a text is read

A text is taken apart once ([Checker.Check], passage.go): into sentences, in
each the reports it names (mention.go) and its dates (dates.go). Each mention
has a stance: claimed, denied, planned, past, somebody else's, only followed, or
explained. Most rules look at claimed ones, and most errors of a rule are a
stance misread. What a sentence leaves out, the sentence before and the question
say (subject.go): "Yes." to "Are you ISO 27001 certified?" claims it.

Every list of words is in the file of its rule. They are English; a text in
another language is held against names, numbers and dates only.

# How good it is

The rules were written beside cases, set by set, each set by another hand and
first run before anyone read it: what it showed then is what to expect
elsewhere. The sets are in testdata; the first four were made hard on purpose,
every case in another construction.

	claims, as first seen       cases   precision   recall
	claims.json                   356           –        –   the rules were begun on it
	claims-2.json                 594       0.973    0.763
	claims-3.json                 579       0.960    0.775
	claims-4.json                 332       0.959    0.904   after three sets; 0.908 and 0.822 before any
	claims-5.json                 414       0.969    0.961
	claims-6.json                 380       0.951    0.980
	claims-7.json                 416       0.969    0.977
	claims-apart.json             440       0.987    0.983   the last one

	report questions            cases   precision   recall
	questions.json                237       0.984    0.968
	questions-4.json              255       0.816    0.800
	questions-2.json              623       0.806    0.792
	questions-3.json              643       0.824    0.809
	questions-5.json              454       0.965    0.954
	questions-6.json              503       0.960    0.953
	questions-7.json              468       0.976    0.973

Most of those questions are what they seem. Three more sets are made to mislead:
of their questions 6 in 10 use the words of report questions and ask what no
register knows ("are all of your products certified", "who signed the management
assertion", "why has no report been issued since"). A wrong reply is one to such a
question, or a wrong one to another; the share is of all questions:

	near misses                 cases   wrong replies   right to the others
	near-questions-1.json         416   0.036           0.870
	near-questions-2.json         417   0.036           0.855
	near-questions-3.json         443   0.023           0.847   the last one

Since the first two, no word of a question may be strange to what is asked, in
whatever form it is asked (topicfits.go): what is strange may be what matters.

What the check puts right by itself must never make a true text false. Two sets
hold true texts near to what is put right, of earlier reports, other firms, other
numbers, and some that are wrong:

	corrections                 true   changed   blocked   wrong   put right   blocked
	corrections-1.json           294        19        34      90          63        10
	corrections-2.json           270         1        33      90          54        26   the last one

After the first, a fact is put in place of another only in a sentence that names
its report and has no strange word, no other time and nobody else in it
(certain.go); otherwise a person decides. Most of what is blocked cites an earlier
report on purpose, in an answer about the past.

Precision of claims is the share of findings that are right, of questions the
share of replies; a question that was not to be taken and was counts as a wrong
one. What they reach today, all of them:

	go test ./engine/assurance -run 'TestClaims|TestReplies|TestNearMisses|TestCorrections' -v

507 real answers of one vendor, held against four registers, for readers with
and without NDA, raise no finding at all (go test ./engine/assurance -run
TestRealAnswers -v).

Of the drafts of VSA Full from the same vendor's CAIQ over 317 controls, at the
default threshold 4 of 10 cite a control, a relevant one in all 4; of every draft
whatever its confidence 17 of 95 cite, a relevant one in all 17 (go test ./cmd/vouch
-run TestCitedControls -v).

Checking one answer takes 0.43 ms, 95 of 100 are done in 0.8 ms; a questionnaire
of 1,000 takes 0.44 s with contradictions (go test ./engine/assurance -run '^$'
-bench 'Check|Questionnaire').
*/
package assurance
