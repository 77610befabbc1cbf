// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Attestations} from "../src/Attestations.sol";
import {Credits} from "../src/Credits.sol";
import {Nodes} from "../src/Nodes.sol";
import {Test} from "./Vm.sol";

contract CreditsTest is Test {
    Credits private credits;
    address private constant ANN = address(0xa11);
    bytes32 private constant WHY = bytes32("lunch");

    function setUp() public {
        credits = new Credits("Credits issued by Ann", "CREDITS", ANN);
    }

    function test_onlyTheIssuerMakesThemAndSaysWhy() public {
        vm.expectRevert(Credits.NotIssuer.selector);
        credits.issue(address(this), 5, WHY);
        vm.prank(ANN);
        vm.expectRevert(Credits.NoRecord.selector);
        credits.issue(address(this), 5, 0);
        vm.prank(ANN);
        credits.issue(address(this), 5, WHY);
        same(credits.balanceOf(address(this)), 5, "balance");
        same(credits.decimals(), 6, "decimals");
        yes(credits.issuer() == ANN, "issuer");
    }

    function test_theyAreGivenBack() public {
        vm.prank(ANN);
        credits.issue(address(this), 5, WHY);
        vm.expectRevert(Credits.NoRecord.selector);
        credits.redeem(2, 0);
        credits.redeem(2, WHY);
        same(credits.totalSupply(), 3, "supply");
        vm.expectRevert();
        credits.redeem(4, WHY);
    }
}

contract AttestationsTest is Test {
    Attestations private all;
    uint256 private constant KEY = 0xa11ce;
    bytes32 private constant SCHEMA = bytes32("met in person");
    bytes32 private constant SUBJECT = bytes32("somebody");
    bytes32 private constant CONTENT = bytes32("content");

    function setUp() public {
        vm.warp(1_800_000_000);
        all = new Attestations();
    }

    function test_whatWasSaidHoldsUntilItIsTakenBackOrRunsOut() public {
        bytes32 id = all.attest(SCHEMA, SUBJECT, CONTENT, 1_800_000_100, true, 0);
        yes(all.holds(id), "holds");
        yes(all.get(id).issuer == address(this) && all.get(id).content == CONTENT, "kept");
        vm.warp(1_800_000_100);
        yes(!all.holds(id), "ran out");
        bytes32 forever = all.attest(SCHEMA, SUBJECT, CONTENT, 0, true, 0);
        vm.warp(2_800_000_000);
        yes(all.holds(forever), "holds");
        vm.prank(address(1));
        vm.expectRevert(Attestations.NotIssuer.selector);
        all.revoke(forever);
        all.revoke(forever);
        yes(!all.holds(forever), "taken back");
        vm.expectRevert(Attestations.NotRevocable.selector);
        all.revoke(forever);
    }

    function test_someStay() public {
        bytes32 id = all.attest(SCHEMA, SUBJECT, CONTENT, 0, false, 0);
        vm.expectRevert(Attestations.NotRevocable.selector);
        all.revoke(id);
    }

    function test_whatIsUnknownTwiceOrOverIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(Attestations.Unknown.selector, bytes32(0)));
        all.revoke(0);
        vm.expectRevert(abi.encodeWithSelector(Attestations.Unknown.selector, bytes32(0)));
        all.get(0);
        yes(!all.holds(0), "nothing");
        bytes32 id = all.attest(SCHEMA, SUBJECT, CONTENT, 0, true, 0);
        vm.expectRevert(abi.encodeWithSelector(Attestations.MadeBefore.selector, id));
        all.attest(SCHEMA, SUBJECT, CONTENT, 0, true, 0);
        vm.expectRevert(Attestations.Expired.selector);
        all.attest(SCHEMA, SUBJECT, CONTENT, 1_800_000_000, true, 0);
    }

    function test_anybodyHandsInWhatWasSigned() public {
        address issuer = vm.addr(KEY);
        bytes32 id = all.idOf(issuer, SCHEMA, SUBJECT, CONTENT, 0, true, 0);
        vm.expectRevert(Attestations.BadSignature.selector);
        all.attestFor(issuer, SCHEMA, SUBJECT, CONTENT, 0, true, 0, signed(KEY + 1, id));
        bytes32 made = all.attestFor(issuer, SCHEMA, SUBJECT, CONTENT, 0, true, 0, signed(KEY, id));
        yes(made == id && all.get(id).issuer == issuer, "issuer");
    }
}

contract NodesTest is Test {
    Nodes private nodes;
    uint256 private constant KEY = 0xa11ce;
    address private immutable operator = vm.addr(KEY);
    address private constant PULSE = address(0xbea7);

    function setUp() public {
        vm.warp(1_800_000_000);
        nodes = new Nodes();
    }

    function farm() private returns (bytes32) {
        vm.prank(operator);
        return nodes.createFarm(0, bytes32("about"));
    }

    function statement(bytes32 of_) private view returns (Nodes.Statement memory s) {
        s.farm = of_;
        s.meshKey = bytes32("mesh");
        s.pulse = PULSE;
        s.cores = 8;
        s.sequence = 1;
        s.expires = uint64(block.timestamp + 30 days);
    }

    function test_farmsAreTheirOperators() public {
        bytes32 id = farm();
        vm.prank(operator);
        vm.expectRevert(Nodes.FarmExists.selector);
        nodes.createFarm(0, 0);
        vm.expectRevert(Nodes.NotOperator.selector);
        nodes.describeFarm(id, 0);
        vm.prank(operator);
        nodes.describeFarm(id, bytes32("new"));
        (address who, bytes32 about) = nodes.farms(id);
        yes(who == operator && about == bytes32("new"), "farm");
    }

    function test_onlyWhatTheOperatorSignedStands() public {
        Nodes.Statement memory s = statement(bytes32("none"));
        vm.expectRevert(Nodes.UnknownFarm.selector);
        nodes.setNode(s, "");
        s = statement(farm());
        bytes memory bad = signed(KEY + 1, nodes.digestOf(s));
        vm.expectRevert(Nodes.BadSignature.selector);
        nodes.setNode(s, bad);
        bytes memory good = signed(KEY, nodes.digestOf(s));
        bytes32 id = nodes.setNode(s, good);
        same(nodes.getNode(id).cores, 8, "cores");
        vm.expectRevert(Nodes.OldSequence.selector);
        nodes.setNode(s, good);
        s.sequence = 2;
        s.cores = 16;
        nodes.setNode(s, signed(KEY, nodes.digestOf(s)));
        same(nodes.getNode(id).cores, 16, "cores");
        s.sequence = 3;
        s.expires = uint64(block.timestamp);
        vm.expectRevert(Nodes.Expired.selector);
        nodes.setNode(s, good);
    }

    function test_aNodeIsUpWhileItBeats() public {
        vm.expectRevert(Nodes.UnknownNode.selector);
        nodes.beat(0);
        vm.expectRevert(Nodes.UnknownNode.selector);
        nodes.getNode(0);
        yes(!nodes.isUp(0, 60), "unknown");
        Nodes.Statement memory s = statement(farm());
        bytes32 id = nodes.setNode(s, signed(KEY, nodes.digestOf(s)));
        yes(!nodes.isUp(id, 60), "not yet");
        vm.expectRevert(Nodes.NotPulse.selector);
        nodes.beat(id);
        vm.prank(PULSE);
        nodes.beat(id);
        vm.warp(block.timestamp + 60);
        yes(nodes.isUp(id, 60), "up");
        vm.warp(block.timestamp + 1);
        yes(!nodes.isUp(id, 60), "silent");
        vm.warp(block.timestamp + 30 days);
        vm.prank(PULSE);
        nodes.beat(id);
        yes(!nodes.isUp(id, 60), "its statement ran out");
    }
}
