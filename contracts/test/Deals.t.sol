// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deals} from "../src/Deals.sol";
import {DealTerms} from "../src/DealTerms.sol";
import {ExactToken} from "../src/ExactToken.sol";
import {DealsBase} from "./DealsBase.sol";
import {Calls, CallingCoin, Coin, FeeCoin, ShareCoin, Wallet1271} from "./Tokens.sol";

contract DealsTest is DealsBase {
    function wrong(Deals.State state) private {
        vm.expectRevert(abi.encodeWithSelector(Deals.WrongState.selector, state));
    }

    // ---- made

    function test_anAgreementTakesTheDepositAndWaitsForTheStart() public {
        bytes32 id = agree(offer(), TENANT, 1_000);
        same(coin.balanceOf(address(deals)), 1_000, "in escrow");
        same(deals.held(address(coin)), 1_000, "held");
        is_(id, Deals.State.Agreed);
        same(deals.get(id).balance, 1_000, "balance");
    }

    function test_whatIsNotAsSignedIsRefused() public {
        DealTerms.Offer memory o = offer();
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        o.rate = 1;
        vm.expectRevert(Deals.BadAcceptance.selector);
        deals.agree(o, p, a, t);
        a.offer = deals.offerDigest(o);
        vm.expectRevert(Deals.BadOfferSignature.selector);
        deals.agree(o, p, a, t);
        o.rate = RATE;
        a.offer = deals.offerDigest(o);
        a.deposit = 2_000;
        vm.expectRevert(Deals.BadAcceptanceSignature.selector);
        deals.agree(o, p, a, t);
        a.deposit = 1_000;
        deals.agree(o, p, a, t);
        vm.expectRevert(Deals.DealExists.selector);
        deals.agree(o, p, a, t);
    }

    function test_anOfferIsGoodAsOftenAsItSays() public {
        DealTerms.Offer memory o = offer();
        o.times = 2;
        agree(o, TENANT, 1_000);
        agree(o, OTHER, 1_000);
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        vm.expectRevert(Deals.OfferUsedUp.selector);
        deals.agree(o, p, a, t);
    }

    function test_anOfferTakenBackIsOver() public {
        DealTerms.Offer memory o = offer();
        vm.expectRevert(Deals.NotParty.selector);
        deals.takeBack(o);
        vm.prank(provider);
        deals.takeBack(o);
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        vm.expectRevert(Deals.OfferUsedUp.selector);
        deals.agree(o, p, a, t);
    }

    function refused(DealTerms.Offer memory o, DealTerms.Acceptance memory a, bytes4 why) private {
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        vm.expectRevert(why);
        deals.agree(o, p, a, t);
    }

    function test_termsOutOfBoundsAreRefused() public {
        DealTerms.Offer memory o = offer();
        o.window = 30 days + 1;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.grace = 90 days + 1;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.notice = 90 days + 1;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.startWithin = 30 days + 1;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.fallbackShare = 10_001;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        refused(o, acceptance(o, provider, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.arbiter = provider;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
        o = offer();
        o.arbiter = tenant;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadTerms.selector);
    }

    function test_offersAndAcceptancesRunOut() public {
        DealTerms.Offer memory o = offer();
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        pass(1 hours);
        refused(o, a, Deals.BadAcceptance.selector);
        pass(1 days);
        refused(o, acceptance(o, tenant, 1_000), Deals.OfferOver.selector);
    }

    function test_anOfferMayBeForOneAndForALeastDeposit() public {
        DealTerms.Offer memory o = offer();
        refused(o, acceptance(o, tenant, 99), Deals.BadAcceptance.selector);
        o.tenant = other;
        refused(o, acceptance(o, tenant, 1_000), Deals.BadAcceptance.selector);
        agree(o, OTHER, 100);
    }

    function test_anAccountThatIsAContractSigns() public {
        Wallet1271 wallet = new Wallet1271(tenant);
        fund(coin, address(wallet));
        DealTerms.Offer memory o = offer();
        DealTerms.Acceptance memory a = acceptance(o, address(wallet), 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        deals.agree(o, p, a, t);
        a.salt += 1;
        vm.expectRevert();
        deals.agree(o, p, a, t);
    }

    // ---- tokens

    function with(Coin token) private returns (DealTerms.Offer memory o) {
        fund(token, tenant);
        o = offer();
        o.token = address(token);
    }

    function test_tokensWhoseAmountsAreNotWhatTheySayAreRefused() public {
        DealTerms.Offer memory o = with(new FeeCoin());
        refusedFor(o, abi.encodeWithSelector(ExactToken.FeeOnTransfer.selector, o.token, 1_000, 999));
        o = with(new ShareCoin());
        refusedFor(o, abi.encodeWithSelector(ExactToken.Rebasing.selector, o.token));
        o = offer();
        o.token = address(0xdead);
        refusedFor(o, abi.encodeWithSelector(ExactToken.NotAToken.selector, o.token));
    }

    function refusedFor(DealTerms.Offer memory o, bytes memory why) private {
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        vm.expectRevert(why);
        deals.agree(o, p, a, t);
    }

    function test_whatATokenTookBackIsBorneByAllAlikeAndNoMoreComesIn() public {
        bytes32 one = running(1_000);
        bytes32 two = running(3_000);
        coin.burn(address(deals), 1_000);
        DealTerms.Offer memory o = offer();
        refusedFor(o, abi.encodeWithSelector(ExactToken.Rebasing.selector, address(coin)));
        vm.prank(tenant);
        deals.end(one);
        uint256 before = coin.balanceOf(tenant);
        vm.prank(tenant);
        same(deals.withdraw(address(coin)), 750, "three quarters");
        same(coin.balanceOf(tenant) - before, 750, "arrived");
        vm.prank(tenant);
        deals.end(two);
        vm.prank(tenant);
        same(deals.withdraw(address(coin)), 2_250, "three quarters again");
    }

    function test_aTokenThatCallsBackGetsNothing() public {
        CallingCoin evil = new CallingCoin();
        DealTerms.Offer memory o = with(evil);
        bytes32 id = agree(o, TENANT, 1_000);
        vm.prank(provider);
        deals.start(id, SPEC);
        pass(10);
        vm.prank(tenant);
        deals.end(id);
        evil.arm(Calls(address(deals)), abi.encodeCall(Deals.withdraw, (address(evil))));
        vm.prank(tenant);
        deals.withdraw(address(evil));
        yes(!evil.worked(), "called back while it was moved");
        evil.arm(Calls(address(deals)), abi.encodeCall(Deals.topUp, (id, 1)));
        bytes32 next = agree(with(evil), TENANT, 1_000);
        yes(!evil.worked(), "called back while it came in");
        same(deals.get(next).balance, 1_000, "balance");
        same(evil.balanceOf(address(deals)), deals.held(address(evil)), "held");
    }

    // ---- started

    function test_onlyTheProviderStartsOnlyWhatWasAgreedAndInTime() public {
        bytes32 id = agree(offer(), TENANT, 1_000);
        vm.prank(tenant);
        vm.expectRevert(Deals.NotParty.selector);
        deals.start(id, SPEC);
        vm.prank(provider);
        vm.expectRevert(Deals.WrongSpec.selector);
        deals.start(id, keccak256("something else"));
        pass(10 minutes + 1);
        vm.prank(provider);
        vm.expectRevert(Deals.TooLate.selector);
        deals.start(id, SPEC);
        vm.prank(tenant);
        deals.end(id);
        same(owed(tenant), 1_000, "all of it back");
        deals.settle(id);
        is_(id, Deals.State.Closed);
    }

    function test_startedTwiceIsRefused() public {
        bytes32 id = running(1_000);
        wrong(Deals.State.Active);
        vm.prank(provider);
        deals.start(id, SPEC);
    }

    function test_aTenantIsBoundWhileTheProviderHasTimeToStart() public {
        bytes32 id = agree(offer(), TENANT, 1_000);
        wrong(Deals.State.Agreed);
        vm.prank(tenant);
        deals.end(id);
        vm.prank(provider);
        deals.end(id);
        same(owed(tenant), 1_000, "given back");
        same(owed(provider), 0, "nothing earned");
    }

    // ---- earning

    function test_aSecondEarnsARateAndTheLastWindowStays() public {
        bytes32 id = running(100_000);
        pass(1 hours);
        deals.settle(id);
        same(owed(provider), 0, "the window");
        pass(100);
        deals.settle(id);
        same(owed(provider), 700, "what is older");
        (Deals.State state, uint128 earned, uint128 balance, uint64 runsOutAt) = deals.statusOf(id);
        same(uint256(state), uint256(Deals.State.Active), "state");
        same(earned, 25_200, "earned and here");
        same(balance, 100_000 - 25_900, "not earned");
        same(runsOutAt, BEGIN + uint256(100_000) / 7, "runs out");
    }

    function test_howOftenItIsSettledChangesNothing(uint16[16] calldata steps) public {
        bytes32 often = running(200_000);
        bytes32 once = running(200_000);
        uint256 sum;
        for (uint256 i = 0; i < steps.length; i++) {
            pass(steps[i] % 3_000);
            sum += steps[i] % 3_000;
            deals.settle(often);
        }
        deals.settle(once);
        Deals.Deal memory a = deals.get(often);
        Deals.Deal memory b = deals.get(once);
        uint256 most = 200_000 / RATE;
        same(200_000 - a.balance, (sum < most ? sum : most) * RATE, "earned to the unit");
        same(a.balance, b.balance, "balance");
        same(a.earned, b.earned, "earned");
        same(a.clock, b.clock, "clock");
        same(uint256(a.state), uint256(b.state), "state");
    }

    function test_aDepositThatIsUsedUpLeadsToGraceAndThenTheEnd() public {
        bytes32 id = running(1_001);
        pass(143);
        is_(id, Deals.State.Grace);
        pass(1 days);
        is_(id, Deals.State.Grace);
        pass(1);
        is_(id, Deals.State.Ended);
        deals.settle(id);
        same(deals.get(id).stopAt, BEGIN + 143 + 1 days, "over when its grace was");
        pass(1 hours);
        deals.settle(id);
        is_(id, Deals.State.Closed);
        same(owed(provider), 1_001, "all of it");
        same(deals.running(provider, bytes32("node")), 0, "nothing runs");
    }

    function test_aTopUpInGraceGoesOnAndTheTimeBetweenIsFree() public {
        bytes32 id = running(700);
        pass(500);
        vm.prank(other);
        deals.topUp(id, 6);
        is_(id, Deals.State.Grace);
        vm.prank(other);
        deals.topUp(id, 694);
        is_(id, Deals.State.Active);
        pass(100);
        (,, uint128 balance,) = deals.statusOf(id);
        same(balance, 0, "a hundred seconds");
        is_(id, Deals.State.Grace);
        pass(1 days + 1);
        wrong(Deals.State.Ended);
        vm.prank(other);
        deals.topUp(id, 700);
    }

    function test_beforeTheStartItCanBeToppedUp() public {
        bytes32 id = agree(offer(), TENANT, 100);
        vm.prank(other);
        deals.topUp(id, 50);
        same(deals.get(id).balance, 150, "balance");
    }

    function test_whatCostsNothingRunsOn() public {
        DealTerms.Offer memory o = offer();
        o.rate = 0;
        o.minDeposit = 0;
        bytes32 id = agree(o, TENANT, 0);
        vm.prank(provider);
        deals.start(id, SPEC);
        pass(3650 days);
        deals.settle(id);
        (Deals.State state,,, uint64 runsOutAt) = deals.statusOf(id);
        same(uint256(state), uint256(Deals.State.Active), "state");
        same(runsOutAt, 0, "never");
        vm.prank(tenant);
        deals.end(id);
        is_(id, Deals.State.Ended);
    }

    function test_aDepositForLongerThanTimeSaysTheEndOfTime() public {
        DealTerms.Offer memory o = offer();
        o.rate = 1;
        coin.mint(tenant, type(uint128).max);
        bytes32 id = agree(o, TENANT, type(uint128).max);
        vm.prank(provider);
        deals.start(id, SPEC);
        (,,, uint64 runsOutAt) = deals.statusOf(id);
        same(runsOutAt, type(uint64).max, "the last moment that fits");
    }

    // ---- ended

    function test_theTenantEndsAtOnceAndGetsTheRest() public {
        bytes32 id = running(100_000);
        pass(5_000);
        vm.prank(tenant);
        deals.end(id);
        same(owed(tenant), 65_000, "the rest");
        is_(id, Deals.State.Ended);
        deals.settle(id);
        same(owed(provider), 35_000 - 25_200, "what is older than the window");
        pass(1 hours - 1);
        deals.settle(id);
        is_(id, Deals.State.Ended);
        pass(1);
        deals.settle(id);
        same(owed(provider), 35_000, "to the unit");
        is_(id, Deals.State.Closed);
        wrong(Deals.State.Closed);
        vm.prank(tenant);
        deals.end(id);
        uint256 before = coin.balanceOf(provider);
        vm.prank(provider);
        deals.withdraw(address(coin));
        same(coin.balanceOf(provider) - before, 35_000, "withdrawn");
        vm.prank(provider);
        vm.expectRevert(Deals.NothingOwed.selector);
        deals.withdraw(address(coin));
    }

    function test_theProviderEndsAfterItsNotice() public {
        bytes32 id = running(1_000_000);
        pass(10);
        vm.prank(provider);
        deals.end(id);
        is_(id, Deals.State.Active);
        wrong(Deals.State.Active);
        vm.prank(provider);
        deals.end(id);
        pass(1 days);
        is_(id, Deals.State.Ended);
        (,, uint128 balance,) = deals.statusOf(id);
        same(balance, 0, "goes back when it is touched");
        deals.settle(id);
        same(owed(provider), (10 + 2 hours) * 7, "until the end of its notice");
        same(owed(tenant), 1_000_000 - (10 + 2 hours) * 7, "the rest");
    }

    function test_withoutNoticeTheProviderEndsAtOnce() public {
        DealTerms.Offer memory o = offer();
        o.notice = 0;
        bytes32 id = agree(o, TENANT, 1_000);
        vm.prank(provider);
        deals.start(id, SPEC);
        pass(1);
        vm.prank(provider);
        deals.end(id);
        same(uint256(deals.get(id).state), uint256(Deals.State.Ended), "state");
        same(owed(tenant), 993, "the rest");
    }

    function test_aNoticeInGraceHoldsToo() public {
        bytes32 id = running(700);
        pass(200);
        vm.prank(provider);
        deals.end(id);
        pass(2 hours);
        is_(id, Deals.State.Ended);
        deals.settle(id);
        same(deals.get(id).stopAt, BEGIN + 200 + 2 hours, "stopped by notice");
    }

    function test_aNoticeForAfterTheGraceChangesNothing() public {
        DealTerms.Offer memory o = offer();
        o.notice = 80 days;
        bytes32 id = agree(o, TENANT, 700);
        vm.prank(provider);
        deals.start(id, SPEC);
        pass(200);
        vm.prank(provider);
        deals.end(id);
        pass(2 days);
        deals.settle(id);
        same(deals.get(id).stopAt, BEGIN + 100 + 1 days, "over with its grace");
    }

    function test_strangersEndNothing() public {
        bytes32 id = running(1_000);
        vm.prank(other);
        vm.expectRevert(Deals.NotParty.selector);
        deals.end(id);
        wrong(Deals.State.None);
        vm.prank(other);
        deals.topUp(bytes32("none"), 5);
    }

    function test_theProviderEndsNothingTwice() public {
        bytes32 id = running(1_000);
        vm.prank(tenant);
        deals.end(id);
        wrong(Deals.State.Ended);
        vm.prank(provider);
        deals.end(id);
    }

    // ---- refunds

    function signedRefund(bytes32 id, uint32 index, uint128 amount)
        private
        view
        returns (DealTerms.Refund memory r, bytes memory p, bytes memory t)
    {
        r = DealTerms.Refund(id, index, amount);
        p = signed(PROVIDER, deals.refundDigest(r));
        t = signed(TENANT, deals.refundDigest(r));
    }

    function test_whatBothSignedGoesBackOnce() public {
        bytes32 id = running(100_000);
        pass(1_000);
        (DealTerms.Refund memory r, bytes memory p, bytes memory t) = signedRefund(id, 0, 300);
        deals.refund(r, p, t);
        same(owed(tenant), 300, "back");
        vm.expectRevert(Deals.WrongIndex.selector);
        deals.refund(r, p, t);
        (r, p, t) = signedRefund(id, 1, 6_701);
        vm.expectRevert(Deals.TooMuch.selector);
        deals.refund(r, p, t);
        (r, p, t) = signedRefund(id, 1, 100);
        vm.expectRevert(Deals.BadSignature.selector);
        deals.refund(r, t, p);
        vm.expectRevert(Deals.BadSignature.selector);
        deals.refund(r, p, p);
        pass(1 days);
        deals.refund(r, p, t);
        (r, p, t) = signedRefund(id, 2, 1);
        vm.prank(tenant);
        deals.end(id);
        deals.refund(r, p, t);
        vm.prank(tenant);
        deals.dispute(id, 0);
        (r, p, t) = signedRefund(id, 3, 1);
        deals.refund(r, p, t);
        vm.prank(arbiter);
        deals.resolve(id, 0);
        (r, p, t) = signedRefund(id, 4, 0);
        wrong(Deals.State.Closed);
        deals.refund(r, p, t);
    }

    // ---- objections

    function test_anObjectionHoldsTheLastWindowAndTheArbiterDecides() public {
        bytes32 id = running(1_000_000);
        pass(1 days);
        vm.prank(provider);
        vm.expectRevert(Deals.NotParty.selector);
        deals.dispute(id, 0);
        vm.prank(tenant);
        deals.dispute(id, keccak256("it was off"));
        is_(id, Deals.State.Disputed);
        same(deals.get(id).earned, 25_200, "an hour of pay");
        same(owed(provider), (1 days - 1 hours) * 7, "what was before is not objected to");
        pass(30 days - 1);
        deals.settle(id);
        wrong(Deals.State.Disputed);
        deals.resolveLate(id);
        vm.prank(tenant);
        vm.expectRevert(Deals.NotParty.selector);
        deals.resolve(id, 0);
        vm.prank(arbiter);
        vm.expectRevert(Deals.TooMuch.selector);
        deals.resolve(id, 25_201);
        vm.prank(arbiter);
        deals.resolve(id, 200);
        same(owed(provider), (1 days - 1 hours) * 7 + 200, "provider");
        same(owed(tenant), 1_000_000 - (1 days) * 7 + 25_000, "tenant");
        vm.prank(arbiter);
        wrong(Deals.State.Closed);
        deals.resolve(id, 0);
    }

    function test_anArbiterWhoIsSilentIsPassedOver() public {
        bytes32 id = running(100_000);
        pass(1_000);
        vm.prank(tenant);
        deals.dispute(id, 0);
        pass(30 days);
        vm.prank(arbiter);
        vm.expectRevert(Deals.TooLate.selector);
        deals.resolve(id, 7_000);
        deals.resolveLate(id);
        same(owed(provider), 1_750, "a quarter, as the offer says");
        same(owed(tenant), 93_000 + 5_250, "the rest");
        wrong(Deals.State.Closed);
        deals.resolveLate(id);
    }

    function test_bothTogetherEndAnObjection() public {
        bytes32 id = running(100_000);
        pass(1_000);
        DealTerms.Settlement memory s = DealTerms.Settlement(id, 5_000);
        bytes memory p = signed(PROVIDER, deals.settlementDigest(s));
        bytes memory t = signed(TENANT, deals.settlementDigest(s));
        wrong(Deals.State.Active);
        deals.resolveTogether(s, p, t);
        vm.prank(tenant);
        deals.dispute(id, 0);
        vm.expectRevert(Deals.BadSignature.selector);
        deals.resolveTogether(s, p, p);
        vm.expectRevert(Deals.BadSignature.selector);
        deals.resolveTogether(s, t, t);
        deals.resolveTogether(s, p, t);
        same(owed(provider), 5_000, "as they said");
        vm.expectRevert(Deals.BadSignature.selector);
        deals.resolveTogether(DealTerms.Settlement(bytes32("none"), 0), p, t);
    }

    function test_anObjectionAfterTheWindowIsTooLate() public {
        bytes32 id = running(100_000);
        pass(10_000);
        vm.prank(tenant);
        deals.end(id);
        pass(1 hours);
        wrong(Deals.State.Ended);
        vm.prank(tenant);
        deals.dispute(id, 0);
    }

    function test_anObjectionInGraceAndAfterTheEndIsHeard() public {
        bytes32 id = running(700);
        pass(200);
        vm.prank(tenant);
        deals.dispute(id, 0);
        same(deals.get(id).earned, 700, "all of it is in the window");
        bytes32 next = running(700);
        pass(10);
        vm.prank(tenant);
        deals.end(next);
        pass(1 hours - 1);
        vm.prank(tenant);
        deals.dispute(next, 0);
        is_(next, Deals.State.Disputed);
    }

    function test_beforeTheStartThereIsNothingToObjectTo() public {
        bytes32 id = agree(offer(), TENANT, 1_000);
        wrong(Deals.State.Agreed);
        vm.prank(tenant);
        deals.dispute(id, 0);
        vm.prank(provider);
        deals.end(id);
        wrong(Deals.State.Ended);
        vm.prank(tenant);
        deals.dispute(id, 0);
    }

    function test_noArbiterNobodyDecides() public {
        vm.prank(address(0));
        vm.expectRevert(abi.encodeWithSelector(Deals.WrongState.selector, Deals.State.None));
        deals.resolve(bytes32("none"), 0);
    }

    // ---- whole nodes

    function test_aReservedNodeIsOneTenants() public {
        DealTerms.Offer memory whole = offer();
        whole.whole = true;
        bytes32 id = agree(whole, TENANT, 1_000);
        refusedTo(offer(), OTHER);
        DealTerms.Offer memory again = offer();
        again.whole = true;
        refusedTo(again, TENANT);
        bytes32 second = agree(offer(), TENANT, 1_000);
        vm.prank(provider);
        deals.end(id);
        refusedTo(again, OTHER);
        vm.prank(provider);
        deals.end(second);
        agree(again, OTHER, 1_000);
    }

    function refusedTo(DealTerms.Offer memory o, uint256 key) private {
        DealTerms.Acceptance memory a = acceptance(o, vm.addr(key), 1_000);
        bytes memory p = signed(PROVIDER, deals.offerDigest(o));
        bytes memory t = signed(key, deals.acceptanceDigest(a));
        vm.expectRevert(Deals.NodeReserved.selector);
        deals.agree(o, p, a, t);
    }

    function test_aNodeOfAnotherProviderIsAnotherNode() public {
        DealTerms.Offer memory whole = offer();
        whole.whole = true;
        agree(whole, TENANT, 1_000);
        DealTerms.Offer memory o = offer();
        o.provider = other;
        DealTerms.Acceptance memory a = acceptance(o, tenant, 1_000);
        bytes memory p = signed(OTHER, deals.offerDigest(o));
        bytes memory t = signed(TENANT, deals.acceptanceDigest(a));
        deals.agree(o, p, a, t);
    }
}
