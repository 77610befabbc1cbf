// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deals} from "../src/Deals.sol";
import {DealTerms} from "../src/DealTerms.sol";
import {DealsBase} from "./DealsBase.sol";

/// Two tenants and a provider who do anything in any order, at any time.
contract Parties is DealsBase {
    bytes32[] public ids;
    mapping(bytes32 id => uint256) public paidIn;
    mapping(bytes32 id => uint256) public toProvider;
    mapping(bytes32 id => uint256) public toTenant;
    /// When each was started.
    mapping(bytes32 id => uint256) public started;
    bool public wentBack;
    uint256 private _skip;

    constructor() {
        super.setUp();
    }

    function book() external view returns (Deals) {
        return deals;
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function supply() external view returns (uint256) {
        return coin.totalSupply();
    }

    function spread() external view returns (uint256) {
        return coin.balanceOf(provider) + coin.balanceOf(tenant) + coin.balanceOf(other) + coin.balanceOf(address(deals));
    }

    function escrow() external view returns (uint256 there, uint256 held, uint256 sum) {
        there = coin.balanceOf(address(deals));
        held = deals.held(address(coin));
        sum = owed(provider) + owed(tenant) + owed(other);
        for (uint256 i = 0; i < ids.length; i++) {
            Deals.Deal memory d = deals.get(ids[i]);
            sum += uint256(d.balance) + d.earned;
        }
    }

    /// Whatever is done to a deal: who of the two got how much by it, and that nobody else got anything.
    modifier watched(uint256 which) {
        if (ids.length == 0) return;
        bytes32 id = ids[which % ids.length];
        address mine = deals.get(id).tenant;
        (uint256 p, uint256 t, uint256 all) = (owed(provider), owed(mine), owed(provider) + owed(tenant) + owed(other));
        uint256 before = _earnedEver(id);
        _skip = which % ids.length;
        _;
        if (owed(provider) + owed(tenant) + owed(other) < all) return;
        toProvider[id] += owed(provider) - p;
        toTenant[id] += owed(mine) - t;
        require(owed(provider) + owed(tenant) + owed(other) - all == owed(provider) - p + owed(mine) - t, "to a stranger");
        if (_earnedEver(id) < before) wentBack = true;
    }

    function _earnedEver(bytes32 id) private view returns (uint256) {
        Deals.Deal memory d = deals.get(id);
        // What is not earned is handed back at the end, and was not earned by that.
        return d.state >= Deals.State.Ended ? type(uint256).max : paidIn[id] - d.balance;
    }

    function make(uint256 who, uint128 deposit, uint32 window, uint32 grace, bool whole) external {
        if (ids.length >= 12) return;
        DealTerms.Offer memory o = offer();
        o.window = window % 1 days;
        o.grace = grace % 2 days;
        o.whole = whole && who % 7 == 0;
        uint256 key = who % 2 == 0 ? TENANT : OTHER;
        deposit = uint128(between(deposit, 100, 2_000_000));
        bytes32 id = agree(o, key, deposit);
        ids.push(id);
        paidIn[id] = deposit;
    }

    function start(uint256 which) external watched(which) {
        bytes32 id = ids[_skip];
        vm.prank(provider);
        deals.start(id, SPEC);
        started[id] = block.timestamp;
    }

    function wait(uint32 time) external {
        pass(time % 12 hours);
    }

    function settle(uint256 which) external watched(which) {
        deals.settle(ids[_skip]);
    }

    function topUp(uint256 which, uint128 amount) external watched(which) {
        bytes32 id = ids[_skip];
        amount = amount % 500_000;
        vm.prank(other);
        deals.topUp(id, amount);
        paidIn[id] += amount;
    }

    function end(uint256 which, bool byProvider) external watched(which) {
        bytes32 id = ids[_skip];
        address mine = deals.get(id).tenant;
        vm.prank(byProvider ? provider : mine);
        deals.end(id);
    }

    function object(uint256 which) external watched(which) {
        bytes32 id = ids[_skip];
        address mine = deals.get(id).tenant;
        vm.prank(mine);
        deals.dispute(id, 0);
    }

    function decide(uint256 which, uint128 part) external watched(which) {
        bytes32 id = ids[_skip];
        uint128 there = deals.get(id).earned;
        vm.prank(arbiter);
        deals.resolve(id, there == 0 ? 0 : part % (there + 1));
    }

    function decideLate(uint256 which) external watched(which) {
        pass(30 days);
        deals.resolveLate(ids[_skip]);
    }

    function refund(uint256 which, uint128 amount) external watched(which) {
        bytes32 id = ids[_skip];
        Deals.Deal memory d = deals.get(id);
        if (d.earned == 0) return;
        DealTerms.Refund memory r = DealTerms.Refund(id, d.refunds, amount % (d.earned + 1));
        uint256 key = d.tenant == tenant ? TENANT : OTHER;
        deals.refund(r, signed(PROVIDER, deals.refundDigest(r)), signed(key, deals.refundDigest(r)));
    }

    function withdraw(uint256 who) external {
        address one = who % 3 == 0 ? provider : who % 3 == 1 ? tenant : other;
        vm.prank(one);
        deals.withdraw(address(coin));
    }

    /// So much can be earned at most: a rate for each second since the start.
    function mostEarned(bytes32 id) external view returns (uint256) {
        return started[id] == 0 ? 0 : (block.timestamp - started[id]) * RATE;
    }
}

struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

contract DealsInvariants is DealsBase {
    Parties private _parties;

    function setUp() public override {
        _parties = new Parties();
    }

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](1);
        all[0] = address(_parties);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory all) {
        bytes4[] memory done = new bytes4[](11);
        done[0] = Parties.make.selector;
        done[1] = Parties.start.selector;
        done[2] = Parties.wait.selector;
        done[3] = Parties.settle.selector;
        done[4] = Parties.topUp.selector;
        done[5] = Parties.end.selector;
        done[6] = Parties.object.selector;
        done[7] = Parties.decide.selector;
        done[8] = Parties.decideLate.selector;
        done[9] = Parties.refund.selector;
        done[10] = Parties.withdraw.selector;
        all = new FuzzSelector[](1);
        all[0] = FuzzSelector(address(_parties), done);
    }

    /// After every step, whatever the steps were. In one function, because each is a campaign of its own.
    function invariant_money() external view {
        // Solvency: what lies here is what is owed, in deals and to withdraw, to the unit.
        (uint256 there, uint256 held, uint256 sum) = _parties.escrow();
        same(there, held, "what is here");
        same(held, sum, "what is owed");
        // Conservation: nothing is made, nothing is lost.
        same(_parties.spread(), _parties.supply(), "all coins");
        // Settlement only goes forward.
        yes(!_parties.wentBack(), "earned less than before");
        for (uint256 i = 0; i < _parties.count(); i++) _one(_parties.ids(i));
    }

    function _one(bytes32 id) private view {
        Deals.Deal memory d = _parties.book().get(id);
        uint256 still = uint256(d.balance) + d.earned;
        // What came in is what is still there and what its two parties got, so it leaves to nobody else.
        same(_parties.paidIn(id), still + _parties.toProvider(id) + _parties.toTenant(id), "in and out");
        // No early payout: nobody is paid for a second that has not passed since the start.
        yes(_parties.toProvider(id) <= _parties.mostEarned(id), "paid early");
        if (d.state == Deals.State.Closed) same(still, 0, "left behind");
    }
}
