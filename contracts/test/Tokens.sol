// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract Coin is ERC20("Coin", "COIN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }
}

/// Keeps one unit of every transfer.
contract FeeCoin is Coin {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0) && amount > 0) super._update(to, address(0), 1);
    }
}

/// Has shares, as those whose balances grow have.
contract ShareCoin is Coin {
    function sharesOf(address who) external view returns (uint256) {
        return balanceOf(who);
    }
}

interface Calls {
    function end(bytes32 id) external;
    function withdraw(address token) external returns (uint256);
}

/// Calls back while it is moved.
contract CallingCoin is Coin {
    Calls public target;
    bytes public call_;
    bool public worked;

    function arm(Calls target_, bytes calldata data) external {
        (target, call_) = (target_, data);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (call_.length != 0) {
            (bool ok,) = address(target).call(call_);
            worked = worked || ok;
        }
    }
}

/// Says yes to what one key signed: an account that is a contract (ERC-1271).
contract Wallet1271 {
    address public immutable key;

    constructor(address key_) {
        key = key_;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        bool ok = ecrecover(hash, 27, r, s) == key || ecrecover(hash, 28, r, s) == key;
        return ok ? bytes4(0x1626ba7e) : bytes4(0);
    }
}
