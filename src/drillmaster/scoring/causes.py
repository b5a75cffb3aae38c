"""For each thing that can go wrong: the likely cause, and the next step.

Blameless: a cause is a condition that lets a person down, never the person.
"""

from typing import Literal, NamedTuple

Situation = Literal[
    "silent",
    "undelivered",
    "late",
    "wrong-person",
    "automation",
    "hollow",
    "engagement-unclear",
    "withdrawn",
    "too-early",
    "not-escalated",
    "slow-escalation",
    "denied",
    "access-unclear",
    "noise",
    "channel-failed",
    "delivery-unclear",
    "not-engaged",
    "no-mitigation",
    "slow-mitigation",
    "skipped",
    "substituted",
    "out-of-order",
    "late-step",
    "doubled",
    "unsound",
    "wrong-hands",
    "already-met",
    "unseen",
    "steps-unclear",
    "slow-hand-over",
    "slow-detection",
    "own-alert",
    "slow-undo",
    "not-undone",
    "slow-recovery",
    "not-recovered",
    "straddles",
    "ended-early",
    "unwatched",
    "not-measured",
]
"""What went wrong."""


class Advice(NamedTuple):
    """What may lie behind it, and what to do."""

    cause: str
    next_step: str


ADVICE: dict[Situation, Advice] = {
    "silent": Advice(
        "The page did not get through to the secondary: contact details are out of date, "
        "a device is muted, or nobody was really on call.",
        "Let the secondary test every contact method, add a second one, and say in the "
        "policy who is paged when the secondary does not answer.",
    ),
    "undelivered": Advice(
        "No channel took the page: a contact method is stale or missing.",
        "Renew the secondary's contact methods, and put a second channel behind the first.",
    ),
    "late": Advice(
        "The page took a slow or quiet channel, or there was no reminder.",
        "Put the loudest channel first, repeat the page sooner, and drill again.",
    ),
    "wrong-person": Advice(
        "It is not clear to whom an escalated incident belongs.",
        "Write into the policy, and at the top of the runbook, who owns an incident once it "
        "is escalated.",
    ),
    "automation": Advice(
        "A rule acknowledges pages before a person has seen them.",
        "Take acknowledging away from the automation; let it add a note instead.",
    ),
    "hollow": Advice(
        "The page gave too little to go on: no context, no runbook, no dashboard at hand.",
        "Put the runbook, the dashboard and the recent changes into the alert, and rehearse "
        "the first steps in a shadowing exercise.",
    ),
    "engagement-unclear": Advice(
        "What followed shows nobody, or its time cannot be told apart from the ACK's.",
        "Give the first steps evidence from the target's audit record, or let the secondary "
        "open the bridge, write a note or tick steps off.",
    ),
    "withdrawn": Advice(
        "The secondary could not keep the incident, or took it by mistake.",
        "Agree on what the secondary does when they cannot take an incident, and page the "
        "next level at once in that case.",
    ),
    "too-early": Advice(
        "The secondary heard of the incident on another way than the escalation.",
        "Find out which channel told them, and let the escalation alone page the secondary.",
    ),
    "not-escalated": Advice(
        "The policy has no rule that reaches the secondary, or the incident was taken "
        "before the rule applied.",
        "Define when the secondary is paged, level by level, and test the policy.",
    ),
    "slow-escalation": Advice(
        "Somebody has to escalate by hand, or the level before the secondary waits long.",
        "Escalate critical incidents without a person in between, and shorten the time-out "
        "of the level before the secondary.",
    ),
    "denied": Advice(
        "The permissions were never granted to the secondary's role, or were lost in a change.",
        "Grant what was denied to the secondary's role ahead of time, and check it again "
        "whenever roles or permissions change.",
    ),
    "access-unclear": Advice(
        "The system could not be asked, or a control did not answer as it must.",
        "See that the environment's controls and the secondary's credentials work, and drill "
        "again.",
    ),
    "noise": Advice(
        "Thresholds are too tight, or several alerts tell of one problem.",
        "Group alerts that have one cause, drop the doubles, and widen thresholds that "
        "nobody acts on.",
    ),
    "channel-failed": Advice(
        "A paging channel is down or not set up, and nothing stands behind it.",
        "Mend the channel, and page over at least two that do not depend on each other.",
    ),
    "delivery-unclear": Advice(
        "A channel did not say whether it took the page.",
        "Use a channel that confirms what it takes, or look at its own record.",
    ),
    "not-engaged": Advice(
        "The secondary had not taken the incident.",
        "Mend the secondary's response first, then drill again.",
    ),
    "no-mitigation": Advice(
        "The runbook does not lead to a step that eases the incident, or it was not found.",
        "Link the runbook from the alert, put the step that helps first, and practise it in "
        "a shadowing exercise.",
    ),
    "slow-mitigation": Advice(
        "The secondary had to search for context or for the right tool.",
        "Put the steps that help at the top of the runbook, with the commands ready to use.",
    ),
    "skipped": Advice(
        "The step is easy to miss, out of date, or was never practised.",
        "Review the step with somebody who has not written it, and practise it in a "
        "shadowing exercise.",
    ),
    "substituted": Advice(
        "Habit, or a runbook that is behind the system, suggested another action.",
        "Compare the action with the step: change the runbook if it is the better one, and "
        "practise the step if it is not.",
    ),
    "out-of-order": Advice(
        "The runbook does not say why its order matters.",
        "Say at the step what must be done before it, and number the steps.",
    ),
    "late-step": Advice(
        "The step takes longer than its time allows, or its tool is not at hand.",
        "Rehearse the step with the clock running; automate it, or give it the time it needs.",
    ),
    "doubled": Advice(
        "Two people believed that the step was theirs.",
        "Name one owner of each step in the runbook, and say aloud who does what.",
    ),
    "unsound": Advice(
        "The decision point does not say what speaks for which choice, or that is not practised.",
        "Write at the decision point what to look at, and which choice follows from it; rehearse "
        "it in a shadowing exercise.",
    ),
    "wrong-hands": Advice(
        "Somebody who was not expected to did the secondary's work.",
        "Make the hand-over explicit, and let others act only when the secondary asks.",
    ),
    "already-met": Advice(
        "The fault does not touch what the step mends, so its evidence is there whether or "
        "not somebody does the step.",
        "Give the step evidence from the target's audit record, or a fault that makes its "
        "evidence untrue before the page is sent.",
    ),
    "unseen": Advice(
        "The target keeps no record of who did what, or one that does not hold enough, or its "
        "clock is wrong.",
        "Give the environment the target's audit record, with the bodies of requests and a clock "
        "that is right, and drill again.",
    ),
    "steps-unclear": Advice(
        "The evidence cannot show whether, when or by whom the step was done.",
        "Give the step evidence from the target's audit record.",
    ),
    "slow-hand-over": Advice(
        "There is no agreed way to hand over, so that it takes talking and searching.",
        "Use a short hand-over checklist, and let the people of both roles overlap.",
    ),
    "slow-detection": Advice(
        "What the fault breaks is not measured, or the alert waits too long.",
        "Add the missing measurement for this flow, and shorten the time for which the alert "
        "must hold.",
    ),
    "own-alert": Advice(
        "The drill fires the page itself, so that no alert of your monitoring was measured.",
        "Take this target off the list, unless an alert of your own monitoring fires the page "
        "(`page: by-alert`).",
    ),
    "slow-undo": Advice(
        "The target was slow to let go of a fault.",
        "Look at which fault took long, and at what else kept the target busy.",
    ),
    "not-undone": Advice(
        "The target did not answer, or refused the undo.",
        "Run `drillmaster status` to see what is left, then `drillmaster reap`.",
    ),
    "slow-recovery": Advice(
        "The service takes long to come back by itself: cold starts, retries, full queues.",
        "Look at what it waited for after the undo, and shorten that.",
    ),
    "not-recovered": Advice(
        "The service did not come back by itself when the fault was gone.",
        "Restore it by hand, and find out what the fault left behind.",
    ),
    "straddles": Advice(
        "The measurement is not precise enough to tell on which side of the target it lies.",
        "Use a source with finer times, or a target with more room.",
    ),
    "ended-early": Advice(
        "The drill was ended before this could be seen.",
        "Remove what ended it, and run the drill again.",
    ),
    "unwatched": Advice(
        "Drillmaster itself had died or did not move, so that nobody saw what people did then.",
        "Find out what ended or stopped it on its machine, and run the drill again.",
    ),
    "not-measured": Advice(
        "The run holds nothing that this figure could be taken from.",
        "Give the drill what the figure needs, or take its target off the list.",
    ),
}
"""The advice for every situation."""
