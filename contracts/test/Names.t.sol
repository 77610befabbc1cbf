// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Names} from "../src/Names.sol";
import {Test} from "./Vm.sol";

contract Refuser {
    function go(Names names) external {
        names.withdraw();
    }
}

contract NamesTest is Test {
    Names private names;
    address private constant ANN = address(0xa11);
    address private constant BEN = address(0xbe1);
    bytes32 private constant SECRET = bytes32("secret");
    bytes32 private constant RECORD = bytes32("record");
    uint64 private constant YEAR = 365 days;

    receive() external payable {}

    function setUp() public {
        vm.warp(1_800_000_000);
        names = new Names(1 ether);
        vm.deal(address(this), 1e30);
    }

    function commit(string memory label, address owner) private {
        names.commit(this.commitment(label, owner));
    }

    function commitment(string calldata label, address owner) external view returns (bytes32) {
        return names.commitmentOf(label, owner, YEAR, RECORD, SECRET);
    }

    function register(string memory label, address owner) private {
        commit(label, owner);
        vm.warp(block.timestamp + 60);
        names.register{value: names.depositFor(bytes(label).length)}(label, owner, YEAR, RECORD, SECRET);
    }

    function hash(string memory label) private pure returns (bytes32) {
        return keccak256(bytes(label));
    }

    function test_whoCommittedGetsTheName() public {
        register("kristof", ANN);
        Names.Entry memory entry = names.lookUp(hash("kristof"));
        yes(entry.owner == ANN && entry.record == RECORD && entry.deposit == 1 ether, "entry");
        same(entry.expires, block.timestamp + YEAR, "expires");
    }

    function test_whoWatchesCannotBeFaster() public {
        commit("kristof", ANN);
        vm.warp(block.timestamp + 60);
        vm.prank(BEN);
        vm.deal(BEN, 1 ether);
        vm.expectRevert(Names.NotCommitted.selector);
        names.register{value: 1 ether}("kristof", BEN, YEAR, RECORD, SECRET);
        // Handing in what somebody else committed to makes it theirs.
        vm.prank(BEN);
        names.register{value: 1 ether}("kristof", ANN, YEAR, RECORD, SECRET);
        yes(names.lookUp(hash("kristof")).owner == ANN, "owner");
    }

    function test_aCommitmentHasItsTime() public {
        commit("kristof", ANN);
        vm.expectRevert(Names.TooSoon.selector);
        names.register{value: 1 ether}("kristof", ANN, YEAR, RECORD, SECRET);
        bytes32 same_ = this.commitment("kristof", ANN);
        vm.expectRevert(Names.CommittedBefore.selector);
        names.commit(same_);
        vm.warp(block.timestamp + 1 days + 1);
        vm.expectRevert(Names.TooLate.selector);
        names.register{value: 1 ether}("kristof", ANN, YEAR, RECORD, SECRET);
        names.commit(same_);
        vm.warp(block.timestamp + 60);
        names.register{value: 1 ether}("kristof", ANN, YEAR, RECORD, SECRET);
        vm.expectRevert(Names.Taken.selector);
        names.register{value: 1 ether}("kristof", ANN, YEAR, RECORD, SECRET);
    }

    function test_whatIsMissingIsSaid() public {
        commit("kristof", ANN);
        vm.warp(block.timestamp + 60);
        vm.expectRevert(Names.NoOwner.selector);
        names.register("kristof", address(0), YEAR, RECORD, SECRET);
        vm.expectRevert(Names.BadTerm.selector);
        names.register("kristof", ANN, 0, RECORD, SECRET);
        vm.expectRevert(Names.BadTerm.selector);
        names.register("kristof", ANN, 2 * YEAR + 1, RECORD, SECRET);
        vm.expectRevert(abi.encodeWithSelector(Names.WrongDeposit.selector, 1 ether));
        names.register{value: 2 ether}("kristof", ANN, YEAR, RECORD, SECRET);
    }

    function test_shortNamesCostMore() public view {
        same(names.depositFor(3), 64 ether, "3");
        same(names.depositFor(4), 16 ether, "4");
        same(names.depositFor(5), 4 ether, "5");
        same(names.depositFor(6), 1 ether, "6");
        same(names.depositFor(63), 1 ether, "63");
    }

    function bad(string memory label) private {
        vm.expectRevert(Names.BadLabel.selector);
        names.register(label, ANN, YEAR, RECORD, SECRET);
    }

    function test_labelsThatNoNormalNameHasAreRefused() public {
        bad("ab");
        bad("Kristof");
        bad("kris tof");
        bad("kris.tof");
        bad("kris_tof");
        bad("-kristof");
        bad("kristof-");
        bad("xn--krstf");
        bad("kristof/");
        bad("kristof[");
        bad("kristof{");
        bad("a234567890123456789012345678901234567890123456789012345678901234");
        register(unicode"jürgen", ANN);
        register("a-0", ANN);
        register("ab-c", ANN);
    }

    function test_onlyTheOwnerChangesAName() public {
        register("kristof", ANN);
        bytes32 h = hash("kristof");
        vm.expectRevert(Names.NotOwner.selector);
        names.renew(h, YEAR);
        vm.expectRevert(Names.NotOwner.selector);
        names.setRecord(h, 5, 0);
        vm.expectRevert(Names.NotOwner.selector);
        names.transfer(h, BEN);
        vm.expectRevert(Names.NotOwner.selector);
        names.release(h);
    }

    function test_recordsRise() public {
        register("kristof", ANN);
        bytes32 h = hash("kristof");
        vm.prank(ANN);
        names.setRecord(h, 9, bytes32("new"));
        yes(names.lookUp(h).record == bytes32("new"), "record");
        vm.prank(ANN);
        vm.expectRevert(Names.OldSequence.selector);
        names.setRecord(h, 9, bytes32("old"));
    }

    function test_aTermIsMadeLongerAndNotShorter() public {
        register("kristof", ANN);
        bytes32 h = hash("kristof");
        vm.prank(ANN);
        vm.expectRevert(Names.BadTerm.selector);
        names.renew(h, YEAR);
        vm.prank(ANN);
        vm.expectRevert(Names.BadTerm.selector);
        names.renew(h, 2 * YEAR + 1);
        vm.warp(block.timestamp + 10);
        vm.prank(ANN);
        names.renew(h, YEAR);
        same(names.lookUp(h).expires, block.timestamp + YEAR, "expires");
    }

    function test_aNameIsGivenAwayWithItsDeposit() public {
        register("kristof", ANN);
        bytes32 h = hash("kristof");
        vm.prank(ANN);
        vm.expectRevert(Names.NoOwner.selector);
        names.transfer(h, address(0));
        vm.prank(ANN);
        names.transfer(h, BEN);
        vm.prank(BEN);
        names.release(h);
        yes(names.lookUp(h).owner == address(0), "nobody's");
        vm.prank(BEN);
        names.withdraw();
        same(BEN.balance, 1 ether, "deposit");
        register("kristof", ANN);
        yes(names.lookUp(h).sequence > 1, "the sequence goes on");
    }

    function test_whatRanOutIsTakenAfterItsGrace() public {
        register("kristof", ANN);
        bytes32 h = hash("kristof");
        vm.warp(block.timestamp + YEAR + 90 days - 60);
        commit("kristof", BEN);
        vm.warp(block.timestamp + 60);
        vm.expectRevert(Names.Taken.selector);
        names.register{value: 1 ether}("kristof", BEN, YEAR, RECORD, SECRET);
        yes(names.lookUp(h).owner == ANN, "hers in the grace");
        vm.warp(block.timestamp + 1);
        yes(names.lookUp(h).owner == address(0), "nobody's after it");
        names.register{value: 1 ether}("kristof", BEN, YEAR, RECORD, SECRET);
        yes(names.lookUp(h).owner == BEN, "his");
        same(names.owed(ANN), 1 ether, "her deposit");
        same(address(names).balance, 2 ether, "both are here");
    }

    function test_whoCannotBePaidKeepsTheirClaim() public {
        Refuser refuser = new Refuser();
        register("kristof", address(refuser));
        vm.prank(address(refuser));
        names.release(hash("kristof"));
        vm.expectRevert(Names.NotPaid.selector);
        refuser.go(names);
        same(names.owed(address(refuser)), 1 ether, "owed still");
    }

    /// One owner a name: whatever two people try with one name, the second is refused while the first holds it.
    function testFuzz_oneOwner(uint32 later, bool release) public {
        register("kristof", ANN);
        uint256 until = block.timestamp + YEAR + 90 days;
        bytes32 h = hash("kristof");
        if (release) {
            vm.prank(ANN);
            names.release(h);
        }
        vm.warp(block.timestamp + later % (3 * YEAR));
        commit("kristof", BEN);
        vm.warp(block.timestamp + 60);
        bool free = release || block.timestamp > until;
        if (!free) vm.expectRevert(Names.Taken.selector);
        names.register{value: 1 ether}("kristof", BEN, YEAR, RECORD, SECRET);
        yes(names.lookUp(h).owner == (free ? BEN : ANN), "owner");
    }
}
