// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The cheat codes of forge that the tests use: those of them, and no copy of its library.
interface Vm {
    function warp(uint256 when) external;
    function prank(address who) external;
    function deal(address who, uint256 amount) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectRevert() external;
    function assume(bool condition) external pure;
}

abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function same(uint256 a, uint256 b, string memory what) internal pure {
        if (a != b) revert(string.concat(what, ": ", text(a), " is not ", text(b)));
    }

    function yes(bool ok, string memory what) internal pure {
        require(ok, what);
    }

    function between(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + x % (high - low + 1);
    }

    function text(uint256 x) internal pure returns (string memory) {
        if (x == 0) return "0";
        bytes memory digits;
        for (; x != 0; x /= 10) digits = abi.encodePacked(bytes1(uint8(48 + x % 10)), digits);
        return string(digits);
    }
}
