"""What is said in the demo company's recorded calls: fragments written by hand, which ``calls.py`` puts together.

A line begins with who speaks: ``R`` our rep, ``C`` the champion, ``B`` the buyer, ``T`` their technical person. ``<a|b>`` is one of
several wordings, ``{name}`` a fact of the deal. ``[Q+1]`` is a quarter counted from the day of loading; it stands only in
calls of the last weeks.
"""

from typing import Final

Fragments = tuple[str, ...]

SMALL_TALK: Final[Fragments] = (
    """R <Morning|Hello>, {champ}. Can you hear me all right?
C Loud and clear. Give me one second, I am closing the door.
R Take your time.
C There. Half the floor is on the phone today.""",
    """C Sorry, I am two minutes late, the meeting before ran over.
R No problem at all. Do you still have the full {minutes} minutes?
C <I have a hard stop at the hour|I do, nothing after this>.
R Good, then I will keep an eye on the clock.""",
    """R Hi {champ}, good to hear you. How was the month-end?
C Ask me again when it is over. We are on day six.
R Day six of how many?
C Nine, usually. Which is sort of why we are talking.""",
    """C Hi, {champ} here. I dialled in from the car park, so if I drop out, I will come back.
R Understood. If it gets bad we just reschedule.
C No no, I want to get this done.""",
    """R Hello {champ}. Is it still raining over there?
C Sideways. The warehouse gate is under water again.
R Oh dear. Shall we do this another day?
C Please not. It took me two weeks to find this slot.""",
    """R Thanks for making the time, {champ}.
C Sure. I read the two pages that you sent, at least the first one.
R That is one more than most people.
C <Ha. Honest work.|Well, it was a long train ride.>""",
    """C Hello? Ah, there you are. I was on mute, of course.
R Every call has one. Today it was you.
C And yesterday, and the day before.""",
    """R Good to see you again, {champ}. New office?
C Same office, new wall. We gave a room away to the people from {account_short} east.
R Growing, then.
C Moving, mostly. I would not call it growing yet.""",
    """R {champ}, hi. Is it a good moment?
C As good as any. We had auditors in the house all week, I am happy to talk to anybody else.
R Then I promise not to ask for receipts.""",
    """C Hi {rep}. Before we start, are you recording this?
R Yes, so that I need not type while you talk. Is that fine with you?
C Fine. Just do not quote me on the weather.""",
)

AGENDA: Final[dict[str, Fragments]] = {
    "discovery": (
        """R I would like to understand how purchasing works at {account_short} today, what hurts, and whether we are a fit at all. And at the end we decide together if a next step makes sense. <Anything to add?|Does that work for you?>
C That works. I also want to hear what it costs, roughly.
R We will get to that, once I know how many people would use it.""",
        """R My plan: you talk for twenty minutes, I ask questions, and then I tell you honestly whether we can help.
C <I can talk for longer than that.|Twenty minutes is generous.>
R Go on then. How does somebody at {account_short} buy something today?""",
        """R So that we use the time well: what would make this a good call for you?
C If I know afterwards whether I should spend more time on it. I have had four vendors in two years.
R Fair. Then let us find out quickly.""",
    ),
    "demo": (
        """R Welcome, everybody. Last time you told me that {pain}. I will show only what has to do with that, and stop for questions. Does anybody need to leave early?
B I do. I have until a quarter to.
R Then I start with the budget view, because that is your part.""",
        """R Before I share the screen: {champ}, is what I wrote down still right? {seats} users, and {need_you} as a must.
C Still right.
R Good. Then three scenes, ten minutes each, and you interrupt me.""",
        """R I have prepared three things. Stop me when something is not how you work.
B I will. I have seen enough demos where everything works.
R I shall break one thing on purpose, then.""",
    ),
    "commercials": (
        """R I sent the order form on Monday. Shall we go through it from the top?
B Please. I have marked four places.
R Only four? Then we may be done before lunch.""",
        """R Today I would like to settle scope, price and start date, in that order. If we get stuck on one we park it.
B <Agreed.|Fine with me.> Scope first, then.
R Scope is {seats} users, rollout included, for one year.""",
        """B Let us not dance around it. I want to talk about the price.
R Good, me too. Can we start with what is in it, so that we talk about the same thing?
B Briefly.
R {seats} users, the rollout, support in your hours. {amount} a year.""",
    ),
}

# What the note in the CRM says, as it was said. By beat and by which of its texts.
CORE: Final[dict[str, tuple[Fragments, ...]]] = {
    "Discovery with {champion}": (
        (
            """C Today it is {tool_we}. Somebody needs a part, fills it in, sends it to whoever they think is in charge.
R And who is in charge?
C That depends on who you ask. Mostly they ask me.
R How many people raise or approve something in a normal month?
C About {seats}, if I count the sites.
R What hurts most about it?
C That {pain}. Everything else I can live with.
R Is there something without which you could not use a new tool at all?
C Yes. We need {need_we}. We were burnt on that once.
R And the deadline?
C No fixed one. Yet.""",
            """R What do you use today, if somebody needs twenty pairs of gloves?
C {tool_we_cap}. If we are lucky. If not, the corner shop.
R And when you are not lucky, who notices?
C I do, three weeks later, when the paper comes.
R I have seen that before. What is the worst of it?
C If you want one sentence: {pain}.
R How many people does it touch, roughly?
C {seats}, all in all, with the ones who only approve.
R And what would make you say no to us straight away?
C If you could not do {need_we}.
R Good to know early. Is there a date that you are working towards?
C Not officially. Ask me in a month.""",
        ),
        (
            """R Could you walk me through the last thing that you bought yourself?
C Ha. A label printer. I put it in, on {tool_we}, and then I had to call three people.
R Three?
C One to find it, one to approve it, one to tell me that the first had been the wrong one.
R And what does that do to the numbers?
C You see it at the end: {pain}.
R Has anybody tried to fix it?
C We did, ourselves, last year. Two of us, on Fridays. We gave up in autumn.
R What stopped you?
C {need_we_cap}. We could not build that. You do that, right?
R We do, and I will show you rather than promise it. How many people would start?
C {seats} in the first step.
C And you are sure about {need_we}? I ask because that is where the last vendor went quiet.
R I am sure. It will be the first thing in the demo.""",
            """R Show me how it works, if you like. Can you share your screen?
C I can, but do not laugh. This is {tool_we}.
R I am not laughing. What is the yellow column?
C Yellow means that I have asked. Orange means that I have asked again.
R There is a lot of orange.
C Yes. And in the end {pain}.
R Did you ever try to get rid of it?
C Last year, a colleague and I. We had a nice plan and no time.
R Where did it get stuck?
C At {need_we}. Nobody here can build that.
R And if that were there, who would start?
C {seats} people, I have counted them. The others later.
C But please show me that part with your own hands. I have seen slides of it before.
R No slides. You will click it yourself.""",
        ),
        (
            """C I will be frank, {rep}. I am the one who gets the blame, and it is not even my budget.
R Whose is it?
C {buyer_full}. But the problem lands on my desk.
R Tell me the problem as you would tell a friend.
C Fine. {pain_cap}. And in spring the auditors come back, and they will ask why nothing has changed.
R So you want it solved before they do.
C I want it solved before they book the train.
R What must a solution have, from your side?
C {need_we_cap}. Hard requirement. Without it do not even send an offer.
R Noted, in those words. And is there a budget?
C Not confirmed. {buyer} knows that it is coming, let us put it like that.""",
            """R Why did you answer my mail? Most people do not.
C Because you wrote about auditors, and I had them on the phone the same morning.
R What did they say?
C What they say every year. And they are right: {pain}.
R What would have to be true so that they say something else next time?
C That a purchase leaves a trace. And that it does so before they come, not after.
R What must not be missing, for you?
C {need_we_cap}. You may underline that.
R Underlined. Whose money is it, in the end?
C The money is with {buyer_full}. And {buyer} has not released any yet.
R Does {buyer} know that we are talking?
C That we talk, yes. What about, half.""",
        ),
    ),
    "Demo for {account}": (
        (
            """R This is how somebody raises a request. Three fields, the rest is known.
C That is shorter than our parking form.
R And this is {champ} on the phone, at the site, with one thumb. Approved.
C Do that again, please. Slowly.
R Here. And the budget has gone down, before any invoice came.
B Stop there. That is committed spend? Today?
R Committed, today, for each cost centre. You see it the moment it is approved.
B That is what I have been asking our people for since I started here.
R What would you do with it first?
B Stop two projects, probably. How long does a rollout take?
R Four to six weeks for {seats} users. The first site is live after two.
C And {need_we}?
R That is the open point. I owe you a proper answer on it, in writing.""",
            """R I begin where your people begin: somebody on a site needs something. Like so.
C And now it goes to me?
R To you, or to your deputy. Look at your phone, I have sent you one.
C Oh, nice. It buzzes. Approve. Was that all?
R That was all. Now look at the budget, top right. It moved.
B It moved before there is an invoice?
R Before there is even an order number.
B That alone I would have paid for, last December.
C In December {buyer} slept in the office, nearly.
B How many weeks until this runs here?
R For {seats} users, four to six. I would rather say six and be early.
C There is one thing I did not see: {need_we}.
R You did not see it because I want to answer it properly, and on paper.""",
        ),
        (
            """R You sent me forty invoices, thank you. I loaded them. This is your own data, so it is not pretty.
C It looks exactly like us, then.
R The red ones have no order behind them.
C That is most of them. Wait. Scroll up? Number eleven and number twenty-six.
R Same supplier, same amount, four days apart.
C We paid that twice. {buyer}, we paid that twice.
B I see it.
R I did not plant it, I promise.
C I believe you. I remember the phone call.
R {buyer}, you are quiet. What do you think?
B What does it cost?
R {amount} for {seats} users, a year. Is it the number itself, or what it is compared with?
B I want to know what I get if I do nothing.
C And I need the answer about {need_we}.""",
            """R What you see now are your own forty invoices. I have changed nothing, only the names of people.
C Why are so many of them grey?
R Grey is what I could not match with any order.
C So, nearly all. That is about what I feared.
R There is one pair that I wanted to ask you about. These two.
C The crane hire? That was one day. We had the crane for one day.
R There are two invoices for it, four days apart.
C And both are stamped. Oh no. {buyer}, did you know?
B No. Go on.
R I only wanted to ask. {buyer}, what would you like to see?
B The price. For all of us, {seats} people, for a year.
R {amount}. And before you write it down: compared with what?
B With what it costs to leave it as it is. Have you got that?
C And I still need to hear how you do {need_we}.""",
        ),
        (
            """R Today is for the technical questions. {tech}, the floor is yours.
T Thank you. I have a list. First: {need_we}. How exactly?
R I show it. Here is the set-up page, and this is the log of the first sync.
T Fine. Can I have the audit log as a file, every night?
R Yes, signed, to your own storage.
T And when we leave you, what do we take with us?
R All records, the attachments, and the log. As CSV and JSON. There is no fee for that.
T Good. I want all three answers in writing.
C {tech} always wants it in writing.
T Because I am the one who is called at night.
R You will have it in writing.""",
            """T I have been asked to be difficult, so I begin. {need_we_cap}: does it exist, or is it planned?
R It exists. I log in to a test system, and you tell me what to do.
T Change something on our side first. Now yours. How long until it is there?
R Two minutes at most. There it is.
T All right. Who sees the audit log, on your side?
R Four people, and when they look it stands in the log itself.
T That is a good answer. Can I get the log out, without calling you?
R Every night, as a file.
C Are you still being difficult, {tech}?
T I am nearly done. If we leave: what do we get, and what does it cost?
R Everything, in two formats, at no cost.
T Then write me these answers down, please. Spoken words I cannot file.""",
        ),
    ),
    "Commercials with {buyer}": (
        (
            """B In principle I accept the scope, and I accept {amount}. In principle.
R I hear the word "principle".
B Payment terms. You write thirty days, we pay in sixty. Everybody gets sixty.
R I understand. Sixty is not mine to give, but I can ask. What would I bring back for it?
B You would bring back a signature.
C {buyer}, they also asked us about the start date.
B I know. I want to start when the new cost centres are in. Not a day earlier.
R When is that?
B Ask {champ}.
C I chase it every morning. Two or three weeks, I would say.
R Then let us write "within ten days after the cost centres are in", and not argue about a date.""",
            """B I have read it all. The scope is right. {amount} is not my favourite number, but it is right as well, in principle.
R Thank you. What keeps it from being a yes?
B Two things, both dull. The first: sixty days to pay.
R We write thirty. I would have to ask somebody for sixty. And the second?
B The start. In the middle of a quarter I do not start anything.
C We could start with the head office before that, {buyer}.
B We could. But then I pay from that day.
R What if the year begins when the second site begins?
B That I would sign. Put it into words that legal does not need three weeks for.
C I push them, every day if I have to.
R And for the sixty days I come back to you. I do not promise it.""",
        ),
        (
            """B Line one is fine. Line two is fine. Line three, the price.
R {amount}, {seats} users, one year.
B For a longer term I want {discount} percent off. And a cap on the increase.
R What cap do you have in mind?
B Three percent. Our rents have five and I fight those too.
R And what term would you sign, if the cap were settled?
B Three years. With a way out after the first, which legal will ask for anyway.
R I cannot say yes to {discount} percent here. I can say what it would take: three years, yearly in advance.
B Then put that to your people. From here on procurement takes over, they will call you.
C They are not as bad as they sound.
B They are exactly as bad as they sound.""",
            """B Have you got the order form there? I have mine, with coffee on it.
R I have it. Where shall we begin?
B At the price, and then we see if we need the others. {amount}, for one year.
R For {seats} users, with the rollout.
B If I take three years, I expect {discount} percent off.
R I heard that. What else matters to you, besides the percentage?
B That nobody raises it by nine percent in the second year. It has happened to me.
R A cap, then. At three percent, say?
B At three percent I sleep.
C {buyer} does not sleep, for the record.
R The percentage I cannot agree to alone. The cap goes with a longer term, that I can say.
B Then write it up, with a term of three years, and send it to procurement. They take it from here.""",
        ),
    ),
    "Lost to {competitor}": (
        (
            """B {rep}, I will make it short. We are going with {competitor}.
R Thank you for telling me yourself. May I ask what decided it?
B They are {discount} percent cheaper, and it is good enough.
R Good enough for what you told me about, that {pain}?
B For most of it. I know what you will say about the rest.
R I will not say it. When did you see their offer for the first time?
B Honestly? Before your second call.
R I never asked you who else was in it. That one is on me.
C For what it is worth, I would have taken you. I said so.
B {champ} did say so. Twice.
R How long is the contract with {competitor}?
B Twelve months.
C So we may be back in a year.""",
            """B I wanted to call rather than write. It is a no, we signed with {competitor} yesterday.
R That is a pity. Was it the price?
B {discount} percent is not nothing. And the product is good enough for us.
R And {need_you}? They have that?
B On the roadmap. I know, I know.
C It was not my recommendation, just so that you know.
R I appreciate that, {champ}. What should I have done differently?
B You came with the numbers a week after I had needed them.
R Fair. How long are you bound?
B A year.""",
        ),
    ),
    "Budget is gone": (
        (
            """C I have bad news, and it is not about you. {buyer} lost the budget in the mid-year review.
R All of it?
C All new software, all departments. It went to the plant.
R Is there any part of it that could be paid from somewhere else?
C I tried. I offered my travel budget. It is not even a joke, I offered it.
R Did they say that the problem is smaller now?
C No! {pain_cap}, that has not changed. There is only no money to change it.
R When does the next planning start?
C Late summer. Call me then, please. Really do.
R I will.""",
            """C {rep}, I have to stop this. The review came out on Friday and our line is empty.
R I am sorry. Was there a discussion about it?
C {buyer} defended it for a minute, I am told. Then the next line was up.
R What would have helped {buyer} in that minute?
C A number. I had a story, and the others had numbers.
R We never made that number together.
C No. We did not.
R Shall I call when the next planning begins?
C Do. And bring the number.""",
        ),
    ),
    "On hold until [Q+1] budget": (
        (
            """C I will say it right away: we are on hold. Until the [Q+1] budget is approved.
R On hold, all right. So that I write it down correctly: is there a decision in [Q+1]?
C No. That is exactly what I do not want to be in your system. In [Q+1] there is a budget, if there is one. Then we can start talking about a contract.
R So a contract comes after that, and no date for it.
C No date. If you write "decides by [Q+1]", my boss will hear it from your boss, and then we both have a problem.
R I will not write that. Do you still want it yourself?
C Yes! {pain_cap}. That does not go away because somebody closed a spreadsheet.
R Then what can I do in the meantime that is of use to you?
C Keep the offer open. At {amount}. And do not call {buyer}, please.""",
        ),
        (
            """C This is a little embarrassing. {buyer} has frozen all new software until the [Q+1] budget.
R You need not be embarrassed. Is it us, or is it everybody?
C Everybody. Even the travel tool, and that one was signed.
R And the need?
C Unchanged. {pain_cap}, as before. I read it out in the meeting.
R What did {buyer} say?
C "After the freeze." That is not a yes. Please do not make a yes of it.
R I will not. Nobody from our side pushes before the quarter has begun. Agreed?
C Agreed. Check in when it has begun. One mail is enough.""",
        ),
        (
            """B I wanted to tell you myself. There is a hiring and spending freeze, from Monday on.
R Thank you for that. What does it mean for us?
B I put you on the list for the [Q+1] budget round, at {amount}. That is a place on a list, not a promise.
R Understood, no promise. If everything goes well in that round, when could a signature be?
B [Q+2] at the earliest. Not before. I would rather say it now than have you ask every week.
R Then I would rather not ask every week. What would make your case in that round?
B One page. What it costs us today. Not what your product does.
C I can help with that page, I have the numbers for two sites.
B Nobody said no to it. But nobody said yes.""",
        ),
    ),
    "{competitor} is {discount}% cheaper": (
        (
            """B I have an offer from {competitor} on my desk. {discount} percent below yours, for the same {seats} users.
R Thank you for being open about it. Is it the same scope?
B It is the same workflow. Why pay more for the same workflow?
C It is not the same, {buyer}. They have no approval on the phone, only in the browser.
B People have browsers.
C Not on a scaffold, they do not.
R {champ}, what happens today when somebody on a site cannot approve?
C They buy on the card. And then {pain}.
B I know the story. Give me an argument that I can put in front of the board, in a number.""",
        ),
        (
            """C Last week we ran a trial with {competitor}. I thought that you should know.
R I am glad you tell me. What did you like?
C The set-up. We were in within an hour. And the price, {buyer} liked the price.
R And what did you not like?
C No {need_bare}. They said it was coming. They could not say when.
B I am not religious about it. Come within ten percent of their price and we can talk.
R Where are they now?
B {discount} percent under you.
R I cannot promise ten today. I can promise an honest comparison, including where they are better.
B That would be a first.""",
        ),
        (
            """C This stays between us, yes? {competitor} offered us the first quarter free.
R It stays between us. That is a strong offer. What did {buyer} say?
C {buyer} smiled. That is what worries me.
R I will be straight with you: we will not match that.
C I thought so.
R What I can do is put next to it what a free quarter does not change. You told me that {pain}. What is that in money?
C I would have to look. A lot.
R Can we look together? If the number is smaller than their free quarter, then take it.
C <That is fair.|I like that.> I will get you the list of late fees for the last twelve months.""",
        ),
    ),
    "{champion} is leaving": (
        (
            """C Before we start: I am leaving. End of the month.
R Oh. Congratulations, I hope?
C Yes, it is a good thing for me. For this project I am not so sure.
R Who takes it over?
C Nobody is named. I asked twice.
R And {buyer}, how well does {buyer} know what we have done here?
C From one slide. I made it, so I know how little is on it.
R Then I have one request. Would you introduce me to {buyer} before your last day? With you in the room?
C I will try. No promise, the calendar over there is a wall.
R Without somebody who wants it this is over, I think.
C I think so too.""",
        ),
        (
            """R I heard from your colleague that you change departments. Is that right?
C Who told you? Well. Yes, I go to operations.
R And this project?
C Goes to somebody who starts in six weeks. I do not know the name yet, honestly.
B Let us not lose momentum over this.
R Gladly. Would you take it yourself for these six weeks, {buyer}?
B I have no time for that. You see my calendar.
R Then who decides anything until then?
B <Send it to me and I look at it.|Nobody, I am afraid.>
C I can answer questions for a while. But I cannot push any more.""",
        ),
    ),
    "{buyer} asks for {discount}% discount": (
        (
            """B I sign this month, if you give me {discount} percent. Three years.
R That is a clear offer. And it is above what I may give by myself.
B Then ask whoever may.
R I will. What do I bring them? They will ask what we get for it.
B Three years. Payment up front, all of it, if you like. And you may use us as a reference.
R Up front for every year at its beginning, or all three at once?
B Yearly. I am not a bank.
R And the reference, would that be a call now and then, or your name on the page?
B Two calls a year. The name has to go through our communications people.""",
        ),
        (
            """B {discount} percent, and we have a deal.
R I would rather not. What I can do is the rollout, free of charge.
B The rollout is four days of your people. That is not {discount} percent.
R No, it is not. Is {amount} too much, or is it too much at once?
B Too much at once. If I am honest.
R Then let us make the first step smaller. Two thirds of the users now, the others in [Y+1], at the same price for each.
B And no penalty if the others never come?
R No penalty. You would lose the price for them, that is all.
C I could start with head office and the two big sites. That is about two thirds.
B Write that down as an offer and I look at it.""",
        ),
    ),
    "Integration workshop": (
        (
            """R We have two hours, and one topic: {need_you}.
T I have drawn it. This box is ours, that box is yours, and this arrow is where it ends.
R Our connector covers what is left of that arrow. I would say eighty percent.
T And the other twenty is the custom field. Every site has its own.
R How many sites?
T Eleven. It is not hard work. It is eight days, for somebody who knows it.
C And who knows it?
T I do. And I have nobody free before [Q+1], me included.
C {rep}, could you do it? Your people?
R I have to ask our solutions engineers. I do not want to say yes and then send you somebody who has never seen it.
T <I prefer that answer.|Good.>""",
        ),
        (
            """T I say it as it is: the ERP is replaced next year. I do not want to connect anything to a dead horse.
R I would not either. When next year?
T If I knew. The programme has a name but no date.
C That means that we wait two years, {tech}.
R There is a way in between. We exchange a file, every night. Orders out, cost centres in. No connector.
C That would do for us!
T Files are what we wanted to get rid of.
R It is one file with a checksum, and you throw it away on the day the new ERP comes.
T I do not like it. I do not say no. I want to see what is in it.
C I like it.""",
        ),
    ),
    "Verbal yes from {buyer}": (
        (
            """B I confirm it: {amount}, and the start date as it stands in the draft.
R Thank you, {buyer}. I am very happy about that.
B The purchase order is being raised. {champ} chases it.
C Every day. It hangs with a colleague who believes in paper.
R Is there anything that could still stop it?
B I am away for a week, from Monday. If the order is not out by then, my deputy has to sign.
R Does your deputy know about it?
B By the end of today, yes.
C I will put a note on top, with the order number and your mobile, {rep}.""",
        ),
        (
            """B I spoke with your reference yesterday. For forty minutes, I had planned ten.
R And?
B They told me what does not work, too. That convinced me more than the rest. Send me the final order form.
R You have it within the hour. Shall we keep the second week after signature for the kick-off?
B Yes. With all {seats} users, not in slices.
C I block the training room for it.
R Who signs, you alone?
B I, and the board secretary for the stamp. Two days.""",
        ),
    ),
    "Pilot: halfway review": (
        (
            """R Three weeks in. The 25 users at your site have made 212 requests. Where do you stand with it?
C Approvals took nine days before. Now it is two. I had it counted twice.
R And what annoys people?
C The notifications. There are far too many. One of the site managers has put his phone in a drawer.
R I understand him. We switch the digest on, one a day. I should have done that at the start.
B What was the goal again?
C Eighty percent of requests through the tool by the end. We are at 64.
B So we are not there.
C Not yet. We were at 40 a week ago.
B I do not judge half a pilot. I want to see the numbers at the end, the real ones.""",
        ),
        (
            """R Six weeks, at no cost, and we wrote down what "success" means. Shall I read it out?
B Please do. I want no discussion about that later.
R One: {need_we} works. Two: eighty percent adoption. Three: no late invoice in the pilot site.
B And if all three hold I sign {amount}. That is what I said.
C I wrote it in the minutes as well.
R How do we look on the first one, {champ}?
C It works since Tuesday. Before that, not really.
R And the adoption?
C Seventy-one on Friday. There is one team that I have not reached yet, the night shift.
B If it is 79 at the end, it is not eighty. I say that now.""",
        ),
    ),
    "Short call with {champion}": (
        (
            """C I have ten minutes between two meetings, and I am eating. Go ahead.
R Then one question only: is it true, what your colleague told me, that {pain}?
C It is. I would have put it less politely.
R Does anybody have the mandate to change it?
C Not me. Not yet. {buyer} would have to say that it is a project.
R What would {buyer} need for that?
C One page. A business case, without adjectives. Can you do that?
R If you give me three numbers for it, yes.
C Which three?
R Invoices a month, how late they are, and how many people touch each of them.
C I have the first one in my head: about {invoices}. And who else in {industry} uses you? {buyer} will ask.""",
        ),
        (
            """C I tell you openly that we are comparing three. {competitor} is one of them.
R Thank you. May I ask who the third is?
C You may ask. {buyer} decides, in the end, and wants to see prices first.
R I would have to know how many people before I say one. A wrong number helps nobody.
C {competitor} gave us a number in the first mail.
R For how many users?
C Hm. It did not say, now that you ask.
R That is what I mean. If you tell me roughly how many, you have a range from me the same day.
C I find out. More than a hundred, I would think.""",
        ),
    ),
    "Complaint about support": (
        (
            """C I am angry, {rep}, and you are the one I have a number for.
R Tell me.
C The ticket about the exports. Eleven days! Month-end was manual, again, with three people and a pizza.
R Eleven days is not what we promised. Did anybody call you?
C I got two mails that said somebody was looking into it.
R I do not have an excuse for that.
C If month-end breaks again, I cannot defend the renewal. I mean that.
R I take it to the head of support right after this call. You hear from me by tomorrow noon, with a name and a time.
C Not "soon"?
R A name and a time.""",
        ),
        (
            """C Since the update the approvals hang on the phones. Not all of them. The older ones.
R How many people does it hit?
C Two sites. And both are back on {tool_we}, as if you had never been here.
R That must not stay like that. What do they see?
C A circle. It turns. Then they put the phone away.
R I get an engineer to call you. Would this afternoon be possible?
C After three. And somebody who knows phones, please, not somebody who asks whether we have restarted them.
R Understood.""",
        ),
    ),
    "Quarterly review": (
        (
            """R Usage is up a fifth since last quarter, most of it from the second site.
C They found out that it is faster than calling me. Your support has been good, by the way. Tell them.
R I will, by name if you have one.
C The one with the calm voice.
B What will the renewal cost?
R The same for each user, unless you want a longer term. Is there a reason why you ask today?
B {competitor} wrote to me. I had not asked for it.
R What did they write that interested you?
B The price, what else. I am not unhappy here. I just like to know.
C What we would really like is {need_we}.""",
        ),
        (
            """R I have brought one page: late invoices, before and after.
B Almost none. Is that right?
R Three in the quarter. It was eighty-one in the same quarter a year ago.
B {champ}, is that right?
C I counted them as well. It was two, one was the bank.
B Good. I wish all our projects came back with a page.
R Would you tell that to somebody who is about to decide?
C I would. As a reference, yes. Half an hour, not longer.
B And we think about another team, of twenty people, in [Q+1]. Nothing is decided about that.""",
        ),
    ),
}

# What good calls have more often, and what they have less often. Each key is a signal; ``calls.py`` says how often.
ASKED: Final[dict[str, Fragments]] = {
    "cost_in_numbers": (
        """R What does that cost you in a year? Roughly, in money.
C I have never added it up.
R Shall we do it now? How many invoices a month?
C About {invoices}.
R And how many of them late?
C One in {one_in}.
R With a fee or a lost discount of, say, {fee} each?
C More. <Let us say {fee}, to be polite.|But take {fee}, that is safe.>
R Then we are at about USD {cost} a year, without anybody's working time.
C <Huh. That is more than I thought.|Say that again, please? I want to write it down.>""",
        """R If I asked {buyer} what this problem costs, what number would I hear?
C None. Nobody has one.
R Then let us make one that you can defend. {invoices} invoices a month, you said?
C Yes.
R And each is touched by how many people?
C Four. Five, if it is late.
R Ten minutes each. That is a full-time job, and then some. And the late fees on top?
C USD {cost} last year. That one I know, because I had to explain it.
R That is the number for the first line of the page, then.""",
        """R Put it in a number for me. What was the worst month?
C March. We paid USD {fee_total} in late fees, in one month.
R And an ordinary one?
C A third of that, maybe. Call it USD {cost} over the year.
R May I use that number with {buyer}?
C If you say that it comes from me. I stand by it.""",
    ),
    "decision_path": (
        """R How does {account_short} decide something of this size? Who has to say yes, and in which order?
C First me, on paper. Then IT, which takes two weeks whatever it is. Then {buyer_full} signs.
R Anybody who can say no without being on that list?
C Legal. They read everything above fifty thousand, and below that when they are bored.
R What did the last purchase of that kind look like? How long from "we want it" to a signature?
C Three months. Two of them were waiting.""",
        """R When you bought the last system, who signed?
C {buyer_full}. With a second signature from the board.
R And who was asked before that?
C Security, data protection, me. In that order, and nobody tells you.
R Then I would like to start with security now, and not at the end.
C That would be new. <Nobody does that.|I like it.>""",
        """R Let me ask it plainly. If we both think that this is right, what has to happen until there is a signature?
C I write the recommendation. {buyer} reads the first half of it. Then it goes to the round on Thursday.
R Who is in the round?
C {buyer}, the plant manager, HR for some reason.
R And who of them would be against it?
C The plant manager. He thinks that purchasing is what his people do after lunch.""",
    ),
    "alternatives": (
        """R Who else are you looking at?
C {competitor}, to be honest. They called us.
R What do you like about them?
C The price, and that they come without a project. What I do not like is that they have no {need_bare}.
R And if you do nothing at all? Is that one of the options?
C It always is. It has the lowest price.""",
        """R Is there somebody else in the race? You need not tell me, but I can be more useful if I know.
C {competitor}. And doing nothing.
R Which of the two would win today, without us?
C Doing nothing. By a mile.
R Then I should talk about that, and not about {competitor}.""",
        """R What will you compare us with?
C With {competitor}. {buyer} knows somebody there.
R That is good to know. What will {buyer} look at first?
C At the total, on the last page.
R Then we make sure that the last page has two totals, with and without what it saves.""",
    ),
    "deadline": (
        """R Is there a day by which this has to work?
C The audit. They come in ten weeks.
R And when they come and nothing has changed?
C Then we get a finding, for the third time. With three it goes to the board.
R So ten weeks, less four for the rollout. That leaves six for a decision.
C When you put it like that, it is not a lot.""",
        """R What happens if you start three months later?
C <Then we do another year-end by hand.|Then the contract of the old tool renews itself.>
R And what is that worth, to avoid it?
C To me personally? My holidays. To the company, I would have to ask.""",
        """R Why now? You have had this problem for years.
C Because the new sites come in, and the old way does not survive three more of them.
R When is the first?
C In two months.
R Then let us count back from that day, together.""",
    ),
    "buyer_joins": (
        """R I think that {buyer_full} should see this before we go on. Would you bring {buyer} to the next call?
C Is it not too early?
R It is earlier than usual. But if {buyer} hears it from me only on the last page, then the number is all there is.
C All right. I ask. Thursdays are best.""",
        """R What does {buyer} care about, outside of this?
C Cash. And not to be surprised.
R Could I have fifteen minutes with {buyer}, with you there? Only about the surprises.
C Fifteen is possible. Twenty would not be.""",
        """R May I suggest something? Next time with {buyer}. You tell the problem, I say nothing for ten minutes.
C <You, nothing, for ten minutes?|I would pay to see that.>
R I will mute myself.
C Deal. I will set it up.""",
    ),
    "explores_objection": (
        """B To be honest, it looks like a lot of change for our people.
R Which people do you have in mind?
B The site managers. They hate anything with a login.
R What was the last thing that they did accept?
B The time clock. Because it had one button.
R Then let us look at what they would see here. It is one button more. May I show it to one of them, not to us?
B You may. Pick the one who hates it most.""",
        """B I am not convinced about the price.
R Thank you for saying it. Is it too high for what it does, or too high for this year?
B For what it does. I do not see yet that it changes anything for me.
R What would it have to change?
B That I know on the third what we have spent, and not on the thirtieth.
R Then that is what we measure in the pilot, and not how many people log in.""",
        """C What I hear from others is that the rollout takes for ever.
R From whom, if I may ask?
C From a friend, who works at a company with nine sites.
R What took so long there?
C Their cost centres. They had two systems with different numbers.
R And yours?
C One system. More or less. Let us say one and a half.
R Then we look at that half before we promise anything.""",
    ),
    "recap": (
        """R Let me say back what I heard, and you correct me. {pain_cap}. About {seats} people are touched by it. You need {need_you}. And {buyer} decides.
C Correct. Only that it is not all of them at the start.
R Good that I asked. I put that in the summary.""",
        """R Before we stop, my notes, in your words: "{pain}", that is the problem. {need_you_cap}, that is the must. Did I miss something?
C The auditors.
R The auditors, right. Added.""",
        """R So, to sum it up. You want to get rid of {tool_you}, because {pain}. It has to come with {need_you}. If that works you recommend us to {buyer}. Right?
C Right. You listened.
R It is recorded, I had no choice.""",
    ),
}

# The same where the buyer is in the call.
ASKED_THE_BUYER: Final[dict[str, Fragments]] = {
    "cost_in_numbers": (
        """R {buyer}, what does it cost you in a year, that {pain}?
B I do not know. A lot?
C I know it. About USD {cost}, with the late fees.
R Is that a number that you would put in front of the board?
B If {champ} says so, yes. Where does it come from?
C {invoices} invoices a month, one in {one_in} is late. I can show you the list.""",
        """R May I ask for one number, {buyer}? What is a late invoice to you, in money?
B With the fees and the lost discount, {fee}. On average.
R And how many of them are there?
C Of {invoices} a month, one in {one_in}.
R Then we talk about USD {cost} a year. Is that about right?
B It is not wrong. <I would have guessed half.|It is more than your price, I can do that sum.>""",
    ),
    "decision_path": (
        """R {buyer}, who else has to agree, besides you?
B IT, for a signature. And the board, if it is more than one year.
R When does the board meet?
B Every fourth Wednesday. The papers have to be there a week before.
R Then I would like to know what they will ask, before they ask it.""",
        """R How would this be decided at {account_short}? Who signs, and who gets asked before?
B I sign. {champ} recommends. Legal reads it, and takes its time.
R How long is its time?
B Two weeks. Three, if somebody writes "best efforts" anywhere.
R Then they get the contract from me this week, and not after the price.""",
    ),
    "alternatives": (
        """R {buyer}, what do you compare us with?
B With {competitor}, and with leaving it as it is.
R And what speaks for leaving it as it is?
B That I need nobody's signature for it.
R <That is a strong point.|I would have said the same.> Then let us talk about what it costs to leave it.""",
        """R Is anybody else on the table? I ask so that I do not tell you things you do not need.
B {competitor}. They were here last month.
R What did they do well?
B They had a price on the first page.
R And where did they leave you with a question?
C {need_we_cap}. They changed the subject.""",
    ),
    "deadline": (
        """R By when does this have to run, and what happens if it does not?
B By the new fiscal year. If it does not, we budget by hand once more.
C Which is six weeks of my life.
R Then, counted back, we need a signature two months before that. Is that realistic?
B If nobody surprises me, yes.""",
    ),
    "recap": (
        """R Let me say back what I have understood. {pain_cap}. It costs you about USD {cost}. You need {need_you}. And you, {buyer}, sign after IT and legal have looked. Is that right?
B That is right. You forgot that I want it simple.
R Simple. I have it in capitals now.""",
        """R To sum up, and please correct me. {champ}, your point is {need_you}. {buyer}, your point is that you see what is committed before the invoice comes.
B Yes.
C And that it works on the sites.
R On the sites, yes. That goes into the first line.""",
    ),
}

AGAINST: Final[dict[str, Fragments]] = {
    "feature_tour": (
        """R Let me tell you quickly what we have. There are requests, approvals, budgets, catalogues, contracts, supplier cards, three-way match, a mobile app, a desktop app, dashboards, forty connectors, an assistant for suppliers, and since spring a marketplace.
C Okay.
R And you can build your own approval chains, by amount, by cost centre, by category, by project, by day of the week.
C By day of the week?
R Some customers want that. And then the dashboards. There are sixty of them out of the box, and you can make your own, in colour.
C I see. We mostly have the problem with the late invoices.
R That is covered by the dashboards, too.""",
        """R I would like to start with our company. We were founded nine years ago, we have four offices, and we were named a visionary last year.
C Mhm.
R This is the slide with our customers. And here is the architecture. Everything is in the cloud, in three zones.
C Could we get to how the approval works?
R In a moment. First the partners, that is two slides only.
C <I have until half past.|All right.>""",
        """R So this button opens the catalogue, this one the punch-out, and here you have the supplier scoring, with weights.
C We have about thirty suppliers.
R Then you will love the scoring. And here is the tender module, with sealed bids.
B What is a sealed bid?
R I show you. One moment, it loads. There is also an auction.
B We do not do auctions.
R You could.""",
    ),
    "early_discount": (
        """C What does it cost, about?
R List would be {amount}. But I can already take {discount} percent off, if that helps you internally.
C Oh. I had not asked for that.
R It is the end of the quarter, so.
C Then I tell {buyer} that the price is {discount} percent less, as a start.""",
        """B {amount}, hm.
R I could do {discount} percent less. Or what would you need?
B What would I need? Let me think about what I would need.
R We are flexible there.
B I notice.""",
        """R And on the price we will find something, do not worry. {discount} percent I can do right away.
B And if we take it for three years?
R Then more, I am sure. Tell me a number.""",
    ),
    "talks_over_objection": (
        """B It looks like a lot of change for our people.
R It is really easy, everybody says so. Shall I go on?
B Who says so?
R All our customers. So here you see the next screen.
B <Mhm.|I see.>""",
        """B I am not convinced about the price.
R If you look at the value, it is in fact very cheap. Most customers have it back within months.
B Which customers?
R Many. I can send you something. But let me show you the reports first.""",
        """C I heard that the rollout takes for ever.
R That is not true any more. That was the old version.
C My friend did it this spring.
R Then they did something wrong. Anyway, the rollout is four weeks.""",
    ),
}

ENDING: Final[dict[str, Fragments]] = {
    "dated_next_step": (
        """R Then the next step. I send you {deliverable} by {day}. You bring it to {buyer}, and the three of us talk on {later} at ten. Does that work?
C {later}, ten o'clock. I send the invitation.
R And if it cannot be then, you tell me, and we do not let it slip.
C <Promised.|I will.>""",
        """R May I make a suggestion for how we go on? By {day} you get {deliverable} from me. Could you find out until {later} who has to be asked at your security people?
C I can. {later} is fine.
R Then we speak on {later} in the afternoon. I put in half an hour.
C Put it in. Talk to you then.""",
        """R What should happen next, from your side?
C I would like to have {deliverable}. Then I can go to {buyer}.
R You have it on {day}. When do you see {buyer}?
C On {later}.
R Then I call you the morning after, at nine, and we decide together if it goes on or not.
C Good. That is clear.""",
        """R So, who does what. I: {deliverable}, by {day}. {champ}: the list of the approvers, by {later}. And then the meeting with {buyer}, which is in the calendar from today on.
C I send you the list earlier, I have it somewhere.
R {later} is early enough.
C Thanks, {rep}. <That was useful.|Good call.>""",
    ),
    "dated_next_step_with_buyer": (
        """R Then who does what? You have {deliverable} from me by {day}. {champ} collects the questions of IT. And we three meet on {later} at two.
B Half an hour.
R Half an hour. If by then anything is missing we say so, and do not move it quietly.
B <I like that.|Fine. Two o'clock.>
C I send the invitation.""",
        """R What do you need from me, so that you can decide, {buyer}?
B {deliverable_cap}. And no phone calls in between.
R You have it by {day}, and not one call. Shall we look at it together on {later}?
B {later}, first thing. Eight thirty.
C I am there as well.""",
        """R My homework: {deliverable}, on your desk by {day}. Yours, {buyer}: to tell legal that it comes. {champ} and I speak on {later} about the sites.
B Legal is told today. I write it down.
C And I bring one of the site managers on {later}.
R Wonderful. Then everybody has something.""",
    ),
    "vague_ending": (
        """R Great. I will send something over, and then we talk again soon.
C Sure. Send it, and I have a look when I find the time.
R Perfect. Have a good one.
C You too. Bye.""",
        """R So, what do you think?
C Interesting. We will discuss it internally.
R Super. Just get in touch when you are ready.
C We will do that. Thanks.
R Thanks. Bye-bye.""",
        """C I have to run to the next one.
R No problem. I will follow up by mail at some point.
C Do that. Bye.""",
        """R I think we are through. I check in with you in a few weeks.
C Okay. It is a busy time, so.
R I know. No pressure.
C Thanks, bye.""",
    ),
    "hold": (
        """R Then I do three things. I keep the offer open. I write in our system that it is on hold until the [Q+1] budget, and not that you decide by then. And I send you the one-pager on the cost by {day}.
C That would help. I can put it into the budget paper.
R When is that due?
C Not before the end of the month. I tell you when I know it.""",
        """R One last thing. May I call you when the quarter has begun, and not before?
C Yes, please. And if something changes earlier I write to you.
R Then we leave it like that. You have my number.
C I do. Thank you for not making it hard.""",
    ),
    "lost": (
        """R I put a note in for eleven months from now. If you allow it, I call you then.
C Please do. <And thank you for taking it like that.|I mean it.>
R All the best with it. And if it goes wrong earlier you have my number.""",
        """R Would you tell me in three months how it goes? Not to sell you anything.
B Ask {champ}. {champ} will have an opinion.
C I have one already.
R Then thank you both, and all the best.""",
    ),
    "customer": (
        """R I send you a summary today, and what I promised by {day}.
C Good. I will hold you to that.
R Do.""",
        """R Then we speak on {later} again, for a quarter of an hour, only about this.
C Put it in. And thank you for calling back yourself.""",
    ),
}

# Short exchanges that make a call about this company and no other. Each is used as seldom as possible.
DETAILS: Final[Fragments] = (
    """C What about people who have left? We have approvers in the system who retired.
R They pass to their deputy the same day, and you get a list of what moved.
C We would need that list on day one.""",
    """C Could a site have its own budget without seeing the others?
R Yes, each sees its own, and you see all.
C The others will ask why you can see all.
R Tell them it was {buyer}.""",
    """C How does it deal with the canteen? They order by phone, twice a day.
R Standing orders. One approval a month, and the deliveries count against it.
C <Do not tell the canteen yet.|That alone would save me an hour a week.>""",
    """C We have two legal entities, and they share a warehouse.
R Then an order gets split by percentage, or by line. How do you do it now?
C By shouting.""",
    """C Is there a limit on attachments? Our drawings are huge.
R Two hundred megabytes each.
C That is enough for all but one colleague.""",
    """C What happens with orders when the network is down at the plant?
R The phone keeps them and sends them later. The approval counts from when it was given.
C With the time of the phone? Some of those are off by an hour.
R With both times, so that you can see it.""",
    """C Our controller wants every order with a category, from a list of nine hundred.
R Nobody picks from nine hundred. We suggest three, people take the first.
C And if the first is wrong?
R Then somebody corrects it once and it has learnt.""",
    """C Do suppliers have to log in anywhere?
R No. They get a PDF and a mail, and they can answer the mail.
C Good. The timber people do not do logins.""",
    """C We buy from a sister company, without invoices. Can that be in it?
R Yes, as an internal order. It moves the budget, and no money.
C That would end a very long discussion.""",
    """C In August nobody is here. Nobody approves anything for three weeks.
R Then you set a deputy, or a limit up to which things pass by themselves.
C Up to five hundred would do.""",
    """C Can I see who sat on an order, and for how long?
R Yes. Be careful with that page.
C I have one person in mind.
R Everybody has.""",
    """C How do you bill if people come and go? We have seasonal workers.
R By named users in the month, on average over the quarter.
C So December does not kill us.
R December does not kill you.""",
    """C What about purchase cards? There are forty of them in the company.
R You can bring the statement in, and each line looks for its order.
C Most will not find one.
R That is rather the point.""",
    """C We once had a tool where changing an approver took a ticket.
R Here {champ} changes it. It takes a minute and it is in the log.
C Then I would be the bottleneck.
R You and whoever you name.""",
    """C Does it speak other languages? The people in the warehouse do not read English.
R Fourteen. Each person has their own.
C Polish?
R Polish, yes.""",
    """C Can we keep our order numbers? The suppliers know them by heart.
R Yes. You give us the pattern and the next number.
C It has letters in it. From my predecessor's dog.
R Then the dog stays.""",
    """C I need an export for the tax people, every quarter, in their format.
R There are three formats. If yours is not one of them we build it, that has been about two days of work.
C I will send you the description. It is eighty pages.""",
    """C What if two people approve at the same moment?
R The first one counts, the second is told.
C Today both count, and we order twice.""",
    """C How many of your customers are of our size?
R About a third have between half and double your people.
C And in {industry}?
R Some. I ask one of them whether they would talk to you.""",
    """C Who would train our people?
R We train six of yours, and they train the others. That works better than when we do it.
C I have four. And one who talks a lot, he counts for two.""",
    """C Where does the data lie?
R In your region, on two sites. I send you the list of subprocessors, it has seven names.
C Our data protection officer will call all seven.""",
    """C We have projects that cross the year. Budgets end in December, projects do not.
R A project budget can run over it. You get both views.
C The second view is the one that we never had.""",
    """C What does your assistant do, the one in the brochure?
R It reads the invoice and proposes the order that it belongs to. Somebody confirms.
C Always?
R Until you trust it. You say from which amount on.""",
    """C Last year one supplier changed the bank account by mail. It was not the supplier.
R A changed account stops the next payment until two people have looked.
C We would have kept nineteen thousand.""",
    """C Does it know our framework contracts?
R If you give them to us with prices. Then it says so when somebody orders dearer elsewhere.
C Some of them are on paper.
R Then we start with the ones that are not.""",
    """C The works council has to agree to anything that shows who did what.
R We have a template for that agreement, from three companies. You can cut the names off after thirty days.
C Send me that. It saves me a month.""",
    """C We lease our trucks. Are leases orders?
R You decide. Most take them in, because otherwise a third of the spend is missing.
C For us it would be half.""",
    """C If I approve on the phone, is that as good as a signature? For the auditors?
R They accept it in all the audits that I know of: who, when, from which device, and what exactly was shown.
C "What exactly was shown", that is what they asked for last time.""",
    """C How often are you down?
R Last year for 48 minutes, all in all. It is on the status page, with the reasons.
C You publish the reasons?
R Yes. It keeps us honest.""",
    """C Can it round? Our ERP rounds every line, and then we search for three cents.
R It can do it their way. By line or at the end.
C By line. God knows why.""",
)

DELIVERABLES: Final = (
    "the rollout plan",
    "the one-page business case",
    "the written answer on {need_bare}",
    "the comparison with {competitor}",
    "the reference of similar size",
    "the security pack",
    "the revised offer",
)
