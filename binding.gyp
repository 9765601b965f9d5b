{
  # CMake does the building. This lets node-gyp, node-gyp-build and prebuildify start it.
  "targets": [
    {
      "target_name": "rocksdb_live",
      "type": "none",
      "actions": [
        {
          "action_name": "build_native",
          "inputs": [],
          "outputs": ["<(PRODUCT_DIR)/rocksdb_live.node"],
          "action": ["node", "scripts/build-native.mjs"]
        }
      ]
    }
  ]
}
